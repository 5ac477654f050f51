// Which addresses may be followed, and where they stand in a text.

import { el } from "../dom.js";

const SCHEMES = ["http:", "https:", "mailto:"];

/** The address in its normal form, if it may be followed. */
export function safeAddress(text) {
  try {
    const url = new URL(text);
    return SCHEMES.includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** A link that tells the other side nothing about us. `safe` came out of `safeAddress`. */
export function link(safe, ...children) {
  const rel = "noopener noreferrer nofollow";
  return el("a", { href: safe, target: "_blank", rel, title: safe }, ...children);
}

const ADDRESS = /https?:\/\/[^\s<>"'`]+/giu;

/** Cuts a text into what is an address and what is not: `[{ text, address }]`. */
export function findAddresses(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const found = trimmed(match[0]);
    const address = safeAddress(found);
    if (address === null) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index), address: null });
    parts.push({ text: found, address });
    end = match.index + found.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), address: null });
  return parts;
}

// What closes the sentence is not part of the address.
function trimmed(found) {
  let end = found.length;
  while (end > 0) {
    const last = found[end - 1];
    if (".,;:!?*_~".includes(last)) end -= 1;
    else if (last === ")" && !found.slice(0, end).includes("(")) end -= 1;
    else break;
  }
  return found.slice(0, end);
}
