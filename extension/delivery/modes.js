// @ts-check
// What becomes of messages that come while a script still handles one: the values of the menu of
// "handle fast messages".

/** In order, and none is lost until a queue is full. The mode of every project that asks for no other. */
export const ONE_BY_ONE = 'one by one';

/** Those in between are passed over, and not called dropped: the project asked for it. */
export const NEWEST_ONLY = 'newest only';

/** A script runs for several messages at a time. */
export const ALL_AT_ONCE = 'all at once';
