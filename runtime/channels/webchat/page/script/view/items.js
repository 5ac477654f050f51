// What stands in the list of messages besides the messages: `{ key, stamp, build }`, as `Keyed` wants it.

import { el } from "../dom.js";
import { dayOf } from "../time.js";
import { WORDS } from "../words.js";
import { avatar } from "./avatar.js";

/** Messages that one author writes within this time stand together. */
const TOGETHER = 5 * 60_000;

/** There are older messages. */
export function olderItem(loading, ask) {
  const words = loading ? WORDS.loadingOlder : WORDS.older;
  const attributes = { type: "button", disabled: loading, "data-focus": "older", onclick: ask };
  const build = () => el("li.older", {}, el("button.quiet", attributes, words));
  return { key: "older", stamp: String(loading), build };
}

/** Whether two messages stand together: one author, soon after each other. */
export function together(a, b) {
  if (a === undefined || b === undefined) return false;
  const near = a.from.id === b.from.id && a.from.bot === b.from.bot && b.at - a.at < TOGETHER;
  // Under choices and reactions a new message begins anew; so does one of another day.
  return near && dayOf(a.at) === dayOf(b.at) && a.buttons.length === 0;
}

/** What is said and not acknowledged, as if it were a message. */
export function draftOf(entry, me) {
  const { id, text = "", files = [], reply_to: replyTo = null } = entry.frame;
  return {
    id,
    at: entry.at,
    from: { ...me, bot: false },
    text,
    replyTo,
    entry,
    seq: 0,
    version: 0,
    markup: "plain",
    files: (entry.shared ?? []).filter((file) => files.includes(file.file)),
    buttons: [],
    reactions: [],
    pressed: [],
    mark: null,
    edited: false,
    deleted: false,
  };
}

/** A line between messages, with words in it. */
export function lineItem(key, words, kind) {
  return { key, stamp: words, build: () => el(`li.line.${kind}`, {}, el("span", {}, words)) };
}

/** The newest messages are on their way. */
export function loadingItem() {
  return {
    key: "loading",
    stamp: "",
    build: () => el("li.loading", { "aria-hidden": "true" }, el("i"), el("i"), el("i")),
  };
}

/** An answer that is being written. Who listens to the page hears it when it is whole. */
export function previewItem(name, text, title) {
  const build = () =>
    el(
      "li.message.theirs.first.last.preview",
      { "aria-hidden": "true" },
      el(
        "div.row",
        {},
        el("div.face", {}, avatar({ name: title, bot: true })),
        el("div.bubble", {}, el("div.text", { dir: "auto" }, text)),
      ),
    );
  return { key: `preview:${name}`, stamp: text, build };
}

/** Somebody is typing. */
export function typingItem(title) {
  const build = () =>
    el(
      "li.message.theirs.first.last.typing",
      {},
      el(
        "div.row",
        {},
        el("div.face", {}, avatar({ name: title, bot: true })),
        el("div.bubble", { role: "img", "aria-label": WORDS.typing(title) }, el("i"), el("i"), el("i")),
      ),
    );
  return { key: "typing", stamp: title, build };
}
