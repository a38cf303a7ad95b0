// @ts-check
/** Pages of `docs/` that are made of other files; `made.mjs` writes them. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Problem, root } from './run.mjs';

const DECISIONS = 'docs/contributing/decisions';
/** Sentences by the start of their key, in the order of the page. */
const SENTENCES = {
  'The connection': ['state', 'reason'],
  Addresses: ['address'],
  'What may help': ['hint'],
  'Connecting and starting': ['connect', 'start'],
  'Topics and rooms': ['topic', 'room'],
  Publishing: ['publish', 'bytes', 'text'],
  Subscribing: ['subscribe'],
  'Who is here, and lists': ['name', 'will', 'list'],
};

/** Made pages by their path. @type {Record<string, () => string | Promise<string>>} */
export const PAGES = {
  [`${DECISIONS}/README.md`]: decisionsPage,
  'docs/reference/errors.md': errorsPage,
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

/** Each sentence of the status: why it is said, and the code behind it. */
async function errorsPage() {
  const texts = JSON.parse(readFileSync(join(root, 'extension/locales/en.json'), 'utf8'));
  const causes = JSON.parse(readFileSync(join(root, 'scripts/causes.json'), 'utf8'));
  const codes = await codesOfSentences();
  const unknown = Object.keys(causes).filter((key) => !(key in texts));
  if (unknown.length) throw new Problem(`scripts/causes.json: no such text: ${unknown.join(', ')}`);

  const sections = Object.entries(SENTENCES).map(([title, starts]) => {
    const keys = starts.flatMap((start) =>
      Object.keys(texts).filter((key) => key.startsWith(`${start}.`)),
    );
    const rows = keys.map((key) => {
      if (!(key in causes)) throw new Problem(`scripts/causes.json says no cause of ${key}`);
      return `| <a id="${key}"></a>${texts[key]} | ${causes[key]} | ${codes(key)} |`;
    });
    return `## ${title}\n\n| sentence | cause | code |\n|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `# Sentences and errors

Made by \`npm run format\` of \`extension/locales/en.json\`, \`scripts/causes.json\` and \`extension/status/reasons.js\`. Each sentence
that \`connection status\` and the console can say, in the language of the page; here in English. A word in braces is a value. *Code* is what
\`MqttClient\` reports: \`reason.code\` of \`disconnected\`, the code of \`publishFailed\` or of a thrown error, and reason codes of
MQTT 5.0; those of 3.1.1 are translated. All codes: [\`MqttClient\`](api.md).

${sections.join('\n')}`;
}

async function codesOfSentences() {
  const reasons = await import('../extension/status/reasons.js');
  /** @param {number | string} code */
  const hex = (code) => `0x${Number(code).toString(16).toUpperCase().padStart(2, '0')}`;
  /** @param {string} [answer] */
  const answered = (answer) =>
    answer === undefined
      ? []
      : reasons.ANSWERS.flatMap(([code, inConnack, inDisconnect = inConnack]) => {
          if (inConnack === inDisconnect) return inConnack === answer ? [hex(code)] : [];
          if (inConnack === answer) return [`CONNACK ${hex(code)}`];
          return inDisconnect === answer ? [`DISCONNECT ${hex(code)}`] : [];
        });
  /** @param {Readonly<Record<number, string>>} table @param {string} packet @param {string} key */
  const among = (table, packet, key) =>
    Object.entries(table).flatMap(([code, one]) => (one === key ? [`${packet} ${hex(code)}`] : []));

  return (/** @type {string} */ key) => {
    const [start, rest = ''] = key.split('.');
    const rows = reasons.ROWS.filter(({ says }) => says === key);
    const codes = [
      ...rows.flatMap(({ seen: { code, cause } }) => [code, cause].filter(Boolean)),
      ...(start === 'publish' && !rest.startsWith('bad-b') && rest !== 'ended' ? [rest] : []),
      ...(start === 'topic' ? [rest] : []),
      ...rows.flatMap(({ seen: { answer } }) => answered(answer)),
      ...among(reasons.PUBLISH_ANSWERS, 'PUBACK', key),
      ...among(reasons.SUBSCRIBE_ANSWERS, 'SUBACK', key),
    ];
    return [...new Set(codes)]
      .map((code) => (/^[a-z]/.test(String(code)) ? `\`${code}\`` : code))
      .join(', ');
  };
}
