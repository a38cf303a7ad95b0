// @ts-check
// Made by `npm run format`: a language for each table.

/** Every language of the blocks, by the name that Scratch gives it. */
export const LANGUAGES = Object.freeze(
  /** @type {const} */ ([
    'en',
    'de',
    'es',
    'fr',
    'it',
    'ja',
    'ja-Hira',
    'ko',
    'nl',
    'pl',
    'pt',
    'pt-br',
    'tr',
    'zh-cn',
    'zh-tw',
  ]),
);

/** Those of the pages. */
export const PAGE_LANGUAGES = Object.freeze(
  /** @type {const} */ ([
    'en',
    'de',
    'es',
    'fr',
    'it',
    'ja',
    'ko',
    'nl',
    'pl',
    'pt',
    'pt-br',
    'tr',
    'zh-cn',
    'zh-tw',
  ]),
);
