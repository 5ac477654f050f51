// The round letter that stands for somebody.

import { el } from "../dom.js";

/** How many hues style/tokens.css has. */
const HUES = 6;

/** Somebody's avatar: ours has the accent's colour, everybody else keeps one of a few hues. */
export function avatar({ id, name, bot = false }) {
  const letter = Array.from(name.trim())[0]?.toLocaleUpperCase() ?? "?";
  const hue = bot ? "bot" : `hue-${hash(id ?? name) % HUES}`;
  return el(`span.avatar.${hue}`, { "aria-hidden": "true" }, letter);
}

function hash(text) {
  let hash = 0;
  for (const letter of text) hash = (hash * 31 + letter.codePointAt(0)) >>> 0;
  return hash;
}
