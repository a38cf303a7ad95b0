// @ts-check
// Made by `npm run format`: a language for each table, and for each folder of lessons.

/** Every language of the blocks, by the name that Scratch gives it. */
export const LANGUAGES = Object.freeze(
  /** @type {const} */ ([
    'en',
    'ar',
    'de',
    'es',
    'es-419',
    'fr',
    'id',
    'it',
    'ja',
    'ja-Hira',
    'ko',
    'nl',
    'pl',
    'pt',
    'pt-br',
    'ru',
    'tr',
    'uk',
    'vi',
    'zh-cn',
    'zh-tw',
  ]),
);

/** Those of the pages. */
export const PAGE_LANGUAGES = Object.freeze(
  /** @type {const} */ ([
    'en',
    'ar',
    'de',
    'es',
    'es-419',
    'fr',
    'id',
    'it',
    'ja',
    'ko',
    'nl',
    'pl',
    'pt',
    'pt-br',
    'ru',
    'tr',
    'uk',
    'vi',
    'zh-cn',
    'zh-tw',
  ]),
);

/** Those of the lessons, and of all that a reader of the pages is sent to. */
export const LESSON_LANGUAGES = Object.freeze(
  /** @type {const} */ ([
    'en',
    'nl',
    'zh-cn',
  ]),
);
