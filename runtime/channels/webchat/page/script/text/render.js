// A message's text as nodes.

import { el } from "../dom.js";
import { findAddresses, link } from "./links.js";
import { parse } from "./markdown.js";

/** A text as it stands; only addresses in it can be followed. */
export function plain(text) {
  const parts = findAddresses(text).map((part) => (part.address === null ? part.text : link(part.address, part.text)));
  return el("div.text.plain", { dir: "auto" }, parts);
}

/** A text that is Markdown. */
export function markdown(text) {
  return el("div.text.markdown", {}, parse(text).map(block));
}

function block(node) {
  switch (node.kind) {
    case "paragraph":
      return el("p", { dir: "auto" }, node.inline.map(inline));
    case "heading":
      // The page's own headings are above it.
      return el(`h${Math.min(6, node.level + 2)}`, { dir: "auto" }, node.inline.map(inline));
    case "code":
      return el("pre", { dir: "ltr", tabindex: "0" }, el("code", {}, node.text));
    case "rule":
      return el("hr");
    case "quote":
      return el("blockquote", { dir: "auto" }, node.blocks.map(block));
    case "list":
      return list(node);
  }
}

function list({ ordered, start, items }) {
  const points = items.map((blocks) => el("li", { dir: "auto" }, point(blocks)));
  if (!ordered) return el("ul", { dir: "auto" }, points);
  return el("ol", { dir: "auto", start: start !== 1 && start }, points);
}

// A point that is one paragraph needs none.
function point(blocks) {
  const [first, ...rest] = blocks;
  if (first?.kind !== "paragraph") return blocks.map(block);
  return [first.inline.map(inline), rest.map(block)];
}

function inline(node) {
  if (typeof node === "string") return node;
  switch (node.kind) {
    case "break":
      return el("br");
    case "code":
      return el("code", { dir: "ltr" }, node.text);
    case "link":
      return link(node.address, node.inline.map(inline));
    default:
      return el({ strong: "strong", em: "em", strike: "s" }[node.kind], {}, node.inline.map(inline));
  }
}

/** Whether a text is nothing but one to three emoji. */
export function isEmoji(text) {
  return EMOJI !== null && EMOJI.test(text.trim());
}

// Known to browsers since 2023; without it, emoji are shown as small as letters.
const EMOJI = (() => {
  try {
    return new RegExp("^(?:\\p{RGI_Emoji}\\s?){1,3}$", "v");
  } catch {
    return null;
  }
})();

// What turns the direction of letters around. In a text it stays within its paragraph; in a file's name it only serves
// to make `exe.jpg` out of `gpj.exe`.
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A file's name as it may be shown. */
export function fileName(name) {
  return name.replace(TURNING, "").trim() || "file";
}
