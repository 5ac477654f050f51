// The everyday part of Markdown, read into a tree: emphasis, code, links, lists, headings, quotes, rules. HTML in it is
// text. Whatever is written, reading it takes time proportional to its length, and the tree is never deep.
//
// Blocks: { kind: "paragraph" | "heading", inline }, { kind: "code", text }, { kind: "rule" },
//         { kind: "quote", blocks }, { kind: "list", ordered, start, items: [blocks] }
// Inline: a string, { kind: "break" }, { kind: "code", text }, { kind: "link", address, inline },
//         { kind: "strong" | "em" | "strike", inline }

import { findAddresses, safeAddress } from "./links.js";

/** How deep quotes and lists go; what is deeper is a paragraph. */
const DEEPEST = 6;
/** How many marks may be open at once; further ones are letters. */
const MOST_OPEN = 24;

/** The blocks of a text. */
export function parse(text) {
  return blocks(text.replace(/\r\n?/g, "\n").split("\n"), 0);
}

const FENCE = /^ {0,3}(`{3,}|~{3,})[^`]*$/;
const HEADING = /^ {0,3}(#{1,6})[ \t]+(.*)$/;
const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])(?:[ \t]+|$)/;

function blocks(lines, depth) {
  const found = [];
  let paragraph = [];
  const close = () => {
    if (paragraph.length > 0) found.push({ kind: "paragraph", inline: inline(paragraph.join("\n")) });
    paragraph = [];
  };
  for (let at = 0; at < lines.length; ) {
    const special = specialBlock(lines, at, depth, paragraph.length > 0);
    if (special !== null) {
      close();
      found.push(special.block);
      at = special.next;
      continue;
    }
    if (lines[at].trim() === "") close();
    else paragraph.push(lines[at].trimStart());
    at += 1;
  }
  close();
  return found;
}

// A block that is no paragraph, if one begins here, and where it ends.
function specialBlock(lines, at, depth, inParagraph) {
  const line = lines[at];
  const fence = FENCE.exec(line);
  if (fence) return fenced(lines, at, fence[1]);
  const heading = HEADING.exec(line);
  if (heading) {
    const text = heading[2].replace(/[ \t]+#+[ \t]*$/, "");
    return { block: { kind: "heading", level: heading[1].length, inline: inline(text) }, next: at + 1 };
  }
  if (RULE.test(line)) return { block: { kind: "rule" }, next: at + 1 };
  if (depth >= DEEPEST) return null;
  if (QUOTE.test(line)) return quoted(lines, at, depth);
  const item = ITEM.exec(line);
  // "1986. What a year" in the middle of a paragraph is no list.
  const interrupts = item && (!inParagraph || !/\d/.test(item[2]) || /^1[.)]/.test(item[2]));
  return interrupts && line.trim() !== item[2] ? list(lines, at, depth, item[2]) : null;
}

function fenced(lines, at, fence) {
  const text = [];
  let next = at + 1;
  for (; next < lines.length; next += 1) {
    const line = lines[next].trim();
    if (line.length >= fence.length && line === fence[0].repeat(line.length)) break;
    text.push(lines[next]);
  }
  return { block: { kind: "code", text: text.join("\n") }, next: next + 1 };
}

function quoted(lines, at, depth) {
  const inner = [];
  let next = at;
  for (; next < lines.length && QUOTE.test(lines[next]); next += 1) inner.push(lines[next].replace(QUOTE, ""));
  return { block: { kind: "quote", blocks: blocks(inner, depth + 1) }, next };
}

function list(lines, at, depth, marker) {
  const ordered = /\d/.test(marker);
  const style = marker.at(-1);
  const items = [];
  let next = at;
  while (next < lines.length) {
    const item = ITEM.exec(lines[next]);
    if (!item || item[2].at(-1) !== style || /\d/.test(item[2]) !== ordered) break;
    const width = Math.min(item[0].length, item[1].length + item[2].length + 1);
    const inner = [lines[next].slice(item[0].length)];
    next += 1;
    for (; next < lines.length; next += 1) {
      const line = lines[next];
      const indent = line.length - line.trimStart().length;
      if (line.trim() === "") {
        const following = lines[next + 1] ?? "";
        if (following.trim() === "" || following.length - following.trimStart().length < width) break;
      } else if (indent < width && begins(line)) break;
      inner.push(line.slice(Math.min(indent, width)));
    }
    items.push(blocks(inner, depth + 1));
    // A blank line between two items of one list.
    if (lines[next]?.trim() === "" && ITEM.test(lines[next + 1] ?? "")) next += 1;
  }
  const start = ordered ? Number.parseInt(marker, 10) : 1;
  return { block: { kind: "list", ordered, start, items }, next };
}

// Whether a line begins a block of its own, and so does not go on with the paragraph above it.
function begins(line) {
  return ITEM.test(line) || FENCE.test(line) || HEADING.test(line) || QUOTE.test(line) || RULE.test(line);
}

// --- inside a paragraph ---------------------------------------------------------------------------------------------

const KINDS = { "**": "strong", __: "strong", "*": "em", _: "em", "~~": "strike" };
const PUNCTUATION = /[!-/:-@[-`{-~]/;
const WORD = /[\p{L}\p{N}]/u;

function inline(text) {
  return new Inline(text).read();
}

// Marks that are open lie on a stack, each with what was read since. Closing one takes everything above it off, so that
// each is pushed and popped once.
class Inline {
  #text;
  #at = 0;
  #letters = "";
  #stack = [{ mark: "", inline: [] }];
  #open = new Map();
  #unclosed = new Set();

  constructor(text) {
    this.#text = text;
  }

  read() {
    while (this.#at < this.#text.length) this.#step();
    while (this.#stack.length > 1) this.#drop();
    this.#flush();
    return this.#stack[0].inline;
  }

  #step() {
    const letter = this.#text[this.#at];
    const handler = HANDLERS[letter];
    if (handler && handler(this)) return;
    this.#letters += letter;
    this.#at += 1;
  }

  // The handlers below say whether they took what stands here.

  escape() {
    const next = this.#text[this.#at + 1] ?? "";
    if (!PUNCTUATION.test(next)) return false;
    this.#add(next, 2);
    return true;
  }

  newline() {
    this.#letters = this.#letters.replace(/(?: +|\\)$/, "");
    this.#node({ kind: "break" }, 1);
    return true;
  }

  code() {
    const ticks = this.#run("`");
    const end = this.#unclosed.has(ticks.length) ? -1 : this.#closing(ticks);
    if (end < 0) {
      this.#unclosed.add(ticks.length);
      this.#letters += ticks;
      this.#at += ticks.length;
      return true;
    }
    const inner = this.#text.slice(this.#at + ticks.length, end).replaceAll("\n", " ");
    const padded = /^ .*[^ ].* $/.test(inner);
    this.#node({ kind: "code", text: padded ? inner.slice(1, -1) : inner }, end + ticks.length - this.#at);
    return true;
  }

  #closing(ticks) {
    let at = this.#at + ticks.length;
    for (;;) {
      at = this.#text.indexOf(ticks, at);
      if (at < 0) return -1;
      let end = at;
      while (this.#text[end] === "`") end += 1;
      if (end - at === ticks.length) return at;
      at = end;
    }
  }

  address() {
    const match = /^<((?:https?:\/\/|mailto:)[^\s<>]{1,1000})>/i.exec(this.#text.slice(this.#at, this.#at + 1_020));
    const address = match && safeAddress(match[1]);
    if (!address) return false;
    this.#node({ kind: "link", address, inline: [match[1].replace(/^mailto:/i, "")] }, match[0].length);
    return true;
  }

  bracket() {
    return this.#push("[", 1);
  }

  bracketEnd() {
    if (!this.#isOpen("[")) return false;
    const target = this.#target();
    const address = target && safeAddress(target.address);
    if (!address) {
      // No link: what looked like the beginning of one is letters.
      this.#popTo("[");
      this.#drop();
      return false;
    }
    this.#popTo("[");
    const inner = this.#pop().inline;
    this.#node({ kind: "link", address, inline: inner }, 1 + target.length);
    return true;
  }

  // `(address "title")` behind a bracket.
  #target() {
    const ahead = this.#text.slice(this.#at + 1, this.#at + 1_100);
    const match = /^\(\s{0,9}(?:<([^<>\n]*)>|((?:[^\s()]|\([^\s()]*\))*))(?:\s{1,9}"[^"\n]*")?\s{0,9}\)/.exec(ahead);
    return match && { address: match[1] ?? match[2], length: match[0].length };
  }

  emphasis(letter) {
    const run = this.#run(letter);
    const before = this.#text[this.#at - 1] ?? " ";
    const after = this.#text[this.#at + run.length] ?? " ";
    const inWord = letter === "_" && WORD.test(before) && WORD.test(after);
    const wrong = letter === "~" ? run.length !== 2 : run.length > 3;
    if (wrong || inWord) {
      this.#add(run, run.length);
      return true;
    }
    const closes = !/\s/.test(before) && !(letter === "_" && WORD.test(after));
    const opens = !/\s/.test(after) && !(letter === "_" && WORD.test(before));
    for (let left = run; left !== ""; ) {
      const closed = closes ? this.#nearest(left) : null;
      if (closed !== null) {
        this.#popTo(closed);
        const { inline } = this.#pop();
        this.#node({ kind: KINDS[closed], inline }, closed.length);
        left = left.slice(closed.length);
        continue;
      }
      const mark = letter === "~" || left.length > 1 ? letter.repeat(2) : letter;
      if (!opens || !this.#push(mark, mark.length)) this.#add(mark, mark.length);
      left = left.slice(mark.length);
    }
    return true;
  }

  // Of the marks that `run` can close, the one that was opened last and has something in it.
  #nearest(run) {
    const marks = run[0] === "~" ? ["~~"] : [run[0].repeat(2), run[0]];
    const can = marks.filter((mark) => mark.length <= run.length && this.#isOpen(mark));
    if (can.length === 0) return null;
    const depth = (mark) => this.#stack.findLastIndex((open) => open.mark === mark);
    const nearest = can.reduce((a, b) => (depth(b) > depth(a) ? b : a));
    const top = this.#stack.at(-1);
    const isEmpty = top.mark === nearest && top.inline.length === 0 && this.#letters === "";
    return isEmpty ? null : nearest;
  }

  #run(letter) {
    let end = this.#at;
    while (this.#text[end] === letter) end += 1;
    return this.#text.slice(this.#at, end);
  }

  #add(letters, taken) {
    this.#letters += letters;
    this.#at += taken;
  }

  #node(node, taken) {
    this.#flush();
    this.#stack.at(-1).inline.push(node);
    this.#at += taken;
  }

  // Letters that were read become text, in which bare addresses are links.
  #flush() {
    if (this.#letters === "") return;
    const { inline } = this.#stack.at(-1);
    for (const { text, address } of findAddresses(this.#letters)) {
      inline.push(address === null || this.#isOpen("[") ? text : { kind: "link", address, inline: [text] });
    }
    this.#letters = "";
  }

  #isOpen(mark) {
    return (this.#open.get(mark) ?? 0) > 0;
  }

  #push(mark, taken) {
    if (this.#stack.length > MOST_OPEN) return false;
    this.#flush();
    this.#stack.push({ mark, inline: [] });
    this.#open.set(mark, (this.#open.get(mark) ?? 0) + 1);
    this.#at += taken;
    return true;
  }

  #pop() {
    this.#flush();
    const top = this.#stack.pop();
    this.#open.set(top.mark, this.#open.get(top.mark) - 1);
    return top;
  }

  // The topmost mark was none: its letters and what stands behind it go where it stands.
  #drop() {
    const { mark, inline } = this.#pop();
    this.#stack.at(-1).inline.push(mark, ...inline);
  }

  #popTo(mark) {
    while (this.#stack.at(-1).mark !== mark) this.#drop();
  }
}

const HANDLERS = {
  "\\": (reader) => reader.escape(),
  "\n": (reader) => reader.newline(),
  "`": (reader) => reader.code(),
  "<": (reader) => reader.address(),
  "[": (reader) => reader.bracket(),
  "]": (reader) => reader.bracketEnd(),
  "*": (reader) => reader.emphasis("*"),
  _: (reader) => reader.emphasis("_"),
  "~": (reader) => reader.emphasis("~"),
};
