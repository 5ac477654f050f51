// The inside of a paragraph of Markdown.
//
// Inline: a string, { kind: "break" }, { kind: "code", text }, { kind: "link", address, inline },
//         { kind: "strong" | "em" | "strike", inline }

import { findAddresses, safeAddress } from "./links.js";

/** How many marks may be open at once; further ones are letters. */
const MOST_OPEN = 24;

const KINDS = { "**": "strong", __: "strong", "*": "em", _: "em", "~~": "strike" };
const PUNCTUATION = /[!-/:-@[-`{-~]/;
const WORD = /[\p{L}\p{N}]/u;

/** What stands in a paragraph. */
export function inline(text) {
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
    for (let left = run; left !== "";) {
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
      append(inline, address === null || this.#isOpen("[") ? text : { kind: "link", address, inline: [text] });
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
    const outer = this.#stack.at(-1).inline;
    for (const node of [mark, ...inline]) append(outer, node);
  }

  #popTo(mark) {
    while (this.#stack.at(-1).mark !== mark) this.#drop();
  }
}

// Letters beside letters are one text.
function append(list, node) {
  if (typeof node === "string" && typeof list.at(-1) === "string") list.push(list.pop() + node);
  else list.push(node);
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
