// @ts-check
/** Pages of `docs/` that are made of other files; `made.mjs` writes them. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Problem, root } from './run.mjs';

const DECISIONS = 'docs/contributing/decisions';

/** Made pages by their path. @type {Record<string, () => string | Promise<string>>} */
export const PAGES = {
  [`${DECISIONS}/README.md`]: decisionsPage,
};

/** The list of the decisions: what each is about, and whether it still holds. */
function decisionsPage() {
  const rows = readdirSync(join(root, DECISIONS))
    .filter((name) => /^\d{4}-/.test(name))
    .sort()
    .map((name) => {
      const page = readFileSync(join(root, DECISIONS, name), 'utf8');
      const [, number, title] = /^# (\d{4}): (.+)$/m.exec(page) ?? [];
      const [, status] = /^\*\*Status\*\*: ((?:.+\n)+)/m.exec(page) ?? [];
      if (number === undefined || status === undefined || !name.startsWith(number)) {
        throw new Problem(`${DECISIONS}/${name} needs "# NNNN: title" and a line "**Status**: …"`);
      }
      return `| [${number}](${name}) | ${title} | ${status.trim().replaceAll('\n', ' ')} |`;
    });
  return `# Decisions

Made by \`npm run format\`. Each page says what was decided, what was measured for it, and what was considered and not done. A
decision is not edited when a later one replaces it: its status then names that one.

| number | decision | status |
|---|---|---|
${rows.join('\n')}
`;
}
