// @ts-check
// A room is a prefix, so that thirty copies of one project do not talk to each other.

/**
 * The name of a topic on the broker: `room/topic`, unless the topic starts with `/` or `$`.
 *
 * @param {string} room empty: none
 * @param {string} topic
 * @returns {string}
 */
export function fullTopic(room, topic) {
  return room === '' || topic === '' || /^[/$]/.test(topic) ? topic : `${room}/${topic}`;
}

/**
 * The name of a topic in the project: without the room.
 *
 * @param {string} room
 * @param {string} topic
 * @returns {string}
 */
export function shortTopic(room, topic) {
  return room !== '' && topic.startsWith(`${room}/`) ? topic.slice(room.length + 1) : topic;
}
