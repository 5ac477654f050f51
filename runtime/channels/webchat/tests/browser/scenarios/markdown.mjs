// Markdown becomes these nodes and no others, whatever is written, in a time that nobody notices.

import assert from "node:assert/strict";
import { Chat, DESK, untroubled } from "../chat.mjs";

/** What is written, and what it becomes: `|` stands for a new line. */
const BECOMES = [
  ["plain words", "<p>plain words</p>"],
  [
    "**bold** *slanted* _too_ ~~gone~~ `code`",
    "<p><strong>bold</strong> <em>slanted</em> <em>too</em> <s>gone</s> <code>code</code></p>",
  ],
  [
    "***both*** and **bold *and slanted***",
    "<p><strong><em>both</em></strong> and <strong>bold <em>and slanted</em></strong></p>",
  ],
  ["snake_case_name and 2 * 3 * 4", "<p>snake_case_name and 2 * 3 * 4</p>"],
  ["**never closed", "<p>**never closed</p>"],
  ["*a **b* c**", "<p><em>a **b</em> c**</p>"],
  ["`` a ` b `` and `open", "<p><code>a ` b</code> and `open</p>"],
  ["\\*not slanted\\*", "<p>*not slanted*</p>"],
  ["one|two||three", "<p>one<br>two</p><p>three</p>"],
  ["# Title|## Smaller ##|text", "<h3>Title</h3><h4>Smaller</h4><p>text</p>"],
  ["#hashtag", "<p>#hashtag</p>"],
  ["- one|- two|  - deeper|- three", "<ul><li>one</li><li>two<ul><li>deeper</li></ul></li><li>three</li></ul>"],
  ["3. three|4. four", '<ol start="3"><li>three</li><li>four</li></ol>'],
  ["1. one||2. two||after", "<ol><li>one</li><li>two</li></ol><p>after</p>"],
  ["in|1986. a year", "<p>in<br>1986. a year</p>"],
  ["> said|> before||answer", "<blockquote><p>said<br>before</p></blockquote><p>answer</p>"],
  ["```js|let a = **1**;|  <b>|```|after", "<pre><code>let a = **1**;\n  &lt;b&gt;</code></pre><p>after</p>"],
  ["~~~|never closed", "<pre><code>never closed</code></pre>"],
  ["above|---|below", "<p>above</p><hr><p>below</p>"],
  ["[a **link**](https://a.example/x_y_z)", '<p><a href="https://a.example/x_y_z">a <strong>link</strong></a></p>'],
  [
    "<https://a.example> <mailto:a@b.example>",
    '<p><a href="https://a.example/">https://a.example</a> <a href="mailto:a@b.example">a@b.example</a></p>',
  ],
  [
    "see https://a.example/b_(c). Done",
    '<p>see <a href="https://a.example/b_(c)">https://a.example/b_(c)</a>. Done</p>',
  ],
  [
    "[x](javascript:alert(1)) [y](data:text/html,z) [z](//a.example)",
    "<p>[x](javascript:alert(1)) [y](data:text/html,z) [z](//a.example)</p>",
  ],
  ["[x](JaVaScRiPt:alert(1)) [y](&#106;avascript:1)", "<p>[x](JaVaScRiPt:alert(1)) [y](&amp;#106;avascript:1)</p>"],
  ["<b>x</b> <script>1</script> &amp;", "<p>&lt;b&gt;x&lt;/b&gt; &lt;script&gt;1&lt;/script&gt; &amp;amp;</p>"],
  ['[x](https://a.example/"onclick="1)', '<p><a href="https://a.example/%22onclick=%221">x</a></p>'],
  ["[a](https://a.example '<b>')", "<p>[a](<a href=\"https://a.example/\">https://a.example</a> '&lt;b&gt;')</p>"],
];

/** Long texts that have kept parsers busy for minutes. */
const LONG = [
  "*a ",
  "**a ",
  "*_",
  "[",
  "](",
  "[a](",
  "[a](b",
  "`",
  "`a",
  "\\",
  "> ",
  "- ",
  "1. ",
  "<http://a",
  "https://a)",
  "~~a",
  "__",
  "|",
  "| ",
  "a**b",
  "![",
  "```|",
  "# ",
  "(",
  '[x](https://a.example "',
  "\u0301",
  "\u202e",
];

const PIECES = [
  "*",
  "**",
  "_",
  "~~",
  "`",
  "```",
  "[",
  "](",
  ")",
  "<",
  ">",
  "https://a.example",
  "javascript:1",
  "|",
  "||",
  "- ",
  "1. ",
  "> ",
  "# ",
  "a",
  " ",
  "  ",
  "\\",
  "!",
  "(",
  "é",
  "שלום",
  "\u202e",
  "<img src=x onerror=1>",
  "---",
  "\t",
  "&lt;",
  '"',
  "\0",
];

export async function run({ browser, url }) {
  const chat = await Chat.open(await browser.newContext(DESK), url);
  for (const [written, expected] of BECOMES) {
    assert.equal(await render(chat, written.replaceAll("|", "\n")), expected, written);
  }
  for (const piece of LONG) {
    const [short, long] = await chat.page.evaluate(growth, piece.replaceAll("|", "\n"));
    // Four times the text: four times the work, not sixteen times. What takes no time at all is all noise.
    assert.ok(long < 10 * Math.max(short, 25), `${JSON.stringify(piece)}: ${short} ms, then ${long} ms`);
  }
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  const wrong = await chat.page.evaluate(tryRandom, [seed, PIECES]);
  assert.deepEqual(wrong, [], `SEED=${seed}`);
  untroubled(chat);
}

// The page's own module, as the page loaded it.
async function render(chat, text) {
  return chat.page.evaluate(async (text) => {
    const main = document.querySelector("script[type=module]").src;
    window.markdown ??= (await import(new URL("text/render.js", main))).markdown;
    const node = window.markdown(text);
    for (const one of node.querySelectorAll("*")) {
      for (const { name } of [...one.attributes]) if (name !== "href" && name !== "start") one.removeAttribute(name);
    }
    return node.innerHTML;
  }, text);
}

// How long a text takes and how long one that is four times as long: the best of a few tries each.
function growth(piece) {
  const time = (length) => {
    const text = piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
    const tries = [1, 2, 3].map(() => {
      const begun = performance.now();
      window.markdown(text);
      return performance.now() - begun;
    });
    return Math.min(...tries);
  };
  return [time(5_000), time(20_000)];
}

// Whatever is put together: only known nodes, only good addresses, never deep, and no letter is lost that is no mark.
function tryRandom([seed, pieces]) {
  let state = seed;
  const random = (below) => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fff_ffff;
    return (state >>> 8) % below;
  };
  const known = [
    "P",
    "H3",
    "H4",
    "H5",
    "H6",
    "PRE",
    "CODE",
    "HR",
    "BLOCKQUOTE",
    "UL",
    "OL",
    "LI",
    "BR",
    "A",
    "STRONG",
    "EM",
    "S",
  ];
  const letters = (text) => (text.match(/[aéשלום]/gu) ?? []).length;
  const wrong = [];
  for (let round = 0; round < 3_000 && wrong.length < 3; round += 1) {
    let text = "";
    for (let n = random(40); n >= 0; n -= 1) text += pieces[random(pieces.length)].replaceAll("|", "\n");
    const node = window.markdown(text);
    const all = [...node.querySelectorAll("*")];
    const depth = (one) => (one === node ? 0 : 1 + depth(one.parentNode));
    const bad =
      all.some((one) => !known.includes(one.tagName)) ||
      all.some((one) => one.tagName === "A" && !["https:", "http:", "mailto:"].includes(one.protocol)) ||
      all.some((one) => [...one.attributes].some(({ name }) => name.startsWith("on") || name === "style")) ||
      all.some((one) => depth(one) > 60) ||
      // Of an address behind a link's words only the link is left, and of a fence what it is called.
      (!/\]\(|```|~~~/.test(text) && letters(node.textContent) !== letters(text));
    if (bad) wrong.push([text, node.innerHTML]);
  }
  return wrong;
}
