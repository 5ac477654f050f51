// The everyday part of Markdown, read into a tree: emphasis, code, links, lists, headings, quotes, rules. HTML in it is
// text. Whatever is written, reading it takes time proportional to its length, and the tree is never deep.
//
// Blocks: { kind: "paragraph" | "heading", inline }, { kind: "code", text }, { kind: "rule" },
//         { kind: "quote", blocks }, { kind: "list", ordered, start, items: [blocks] }

import { inline } from "./inline.js";

/** How deep quotes and lists go; what is deeper is a paragraph. */
const DEEPEST = 6;

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
  for (let at = 0; at < lines.length;) {
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
