// @ts-check
// Pages of Markdown as HTML: what GitHub shows is shown here, and nothing in them can run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockFinder } from '../../scripts/block-names.mjs';
import { docsPages, linkTo, madeOf, tableOf } from '../../scripts/docs.mjs';
import { pageOf } from '../../scripts/markdown.mjs';

/** @param {string} source */
const page = (source) =>
  pageOf(source, {
    linkTo: (target) => target,
    blockIn: blockFinder(tableOf('nl')),
    table: 'Table',
  });

for (const source of [
  '<script>alert(1)</script>',
  'a <b onclick="alert(1)">word</b>',
  '<iframe src="https://a.example"></iframe>',
  '<div><img src="x.png" onerror="alert(1)"></div>',
  '<a id="x" onclick="alert(1)">y</a>',
  '<img src="x.png"><script>alert(1)</script>',
  '[a](javascript:alert(1))',
  '![a](javascript:alert(1))',
  '<svg/onload=alert(1)>',
  '<!-- --><script>alert(1)</script><!-- -->',
]) {
  test(`nothing runs of ${source}`, () => {
    const { html } = page(source);
    const tags = [...html.matchAll(/<\/?(\w+)([^>]*)>/g)];

    for (const [, name = '', attributes = ''] of tags) {
      assert.match(name, /^(p|img|span)$/);
      assert.doesNotMatch(attributes, /\son\w+=|javascript:/);
    }
  });
}

test('a picture keeps its size, a comment is left out, an anchor can be linked to', () => {
  const { html, ids, images } = page(
    '# One\n\n<!-- made -->\n<img src="a.png" width="20" alt="A &quot;b&quot;">\n\n## <a id="two"></a>Zwei\n',
  );

  assert.match(html, /<img src="a\.png" width="20" alt="A &quot;b&quot;">/);
  assert.doesNotMatch(html, /made|--/);
  assert.deepEqual([ids, images], [['one', 'zwei', 'two'], ['a.png']]);
});

test('headings have the anchors that they have on GitHub', () => {
  const source = '# “When” blocks: *why*?\n## `a b`\n## `a b`\n## 中文 页面\n';
  assert.deepEqual(page(source).ids, ['when-blocks-why', 'a-b', 'a-b-1', '中文-页面']);
});

test('a block is shown as one, in the words of its language only', () => {
  const { html } = page('`verbind met broker [class]` `connect to broker [class]` `verbonden?`');

  assert.match(html, /<code class="block">verbind met broker <span>class<\/span><\/code>/);
  assert.match(html, /<code>connect to broker \[class\]<\/code>/);
  assert.match(html, /<code class="block">verbonden\?<\/code>/);
});

test('links lead to pages, to what the server has, and out; what is in the repository only is no link', () => {
  const pages = ['README.md', 'boards/README.md', 'boards/nl/README.md', 'editors/codelab.md'];
  const from = (/** @type {string} */ target) => linkTo(target, 'boards/nl/README.md', pages);

  assert.equal(from('../../editors/codelab.md#load'), '../../editors/codelab.html#load');
  assert.equal(from('../README.md'), '../index.html');
  assert.equal(from('../../README.md'), '../../index.html');
  assert.equal(from('..'), '../index.html');
  assert.equal(from('#here'), '#here');
  assert.equal(from('https://a.example/b.md'), 'https://a.example/b.md');
  assert.equal(
    from('../../../examples/python/board_paho.py'),
    '../../../examples/python/board_paho.py',
  );
  assert.equal(from('http://localhost:8000/class'), '../../../class');
  assert.equal(from('../../../README.md'), undefined);
  assert.equal(from('../../../examples/no.py'), undefined);
  assert.equal(from('../../contributing/architecture.md'), undefined);
});

test('each page has one title, its language, and a way to its translations', () => {
  const pages = docsPages();
  for (const path of pages) {
    const { content, title } = madeOf(path, pages);
    assert.equal(content.match(/<h1[ >]/g)?.length, 1, path);
    assert.notEqual(title, '', path);
  }
  const dutch = madeOf('boards/nl/README.md', pages).content;
  assert.match(dutch, /<html lang="nl" dir="ltr">/);
  assert.match(dutch, /<a href="\.\.\/index\.html" lang="en" hreflang="en">English<\/a>/);
  assert.match(dutch, /hreflang="zh-cn">简体中文<\/a>/);
  assert.doesNotMatch(dutch, /中文<\/a><\/p>/);
});
