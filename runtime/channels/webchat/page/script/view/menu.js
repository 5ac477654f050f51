// What can be done with a message.

import { el, icon } from "../dom.js";
import { WORDS } from "../words.js";
import { confirm, openDialog } from "./dialog.js";

/** What one reacts with. Others that came from elsewhere are shown, and can be joined. */
export const PALETTE = ["👍", "❤️", "😂", "🎉", "😮", "😢"];

/** Opens the menu at `anchor`: beside it where there is room, from the bottom of a phone. */
export function openMenu(anchor, { visit, conversation, message, reply, edit }) {
  const mine = message.from.id === visit.me.id && !message.from.bot;
  const dialog = openDialog("menu", WORDS.actions, (close) => {
    const act = (does) => () => {
      close();
      does();
    };
    const point = (drawing, words, does, kind = "") =>
      el(`button.point${kind}`, { type: "button", role: "menuitem", onclick: act(does) }, icon(drawing), words);
    return [
      el(
        "div.palette",
        { role: "group", "aria-label": WORDS.react },
        PALETTE.map((emoji) => {
          const on = hasReacted(message, emoji, visit.me);
          const toggle = act(() => visit.act(conversation, message, { type: "react", emoji, remove: on }));
          const label = WORDS.reactWith(emoji);
          return el("button", { type: "button", "aria-label": label, "aria-pressed": on, onclick: toggle }, emoji);
        }),
      ),
      el(
        "div",
        { role: "menu", "aria-label": WORDS.actions },
        point("reply", WORDS.reply, reply),
        message.text !== "" && point("copy", WORDS.copy, () => copy(visit, message.text)),
        mine && point("edit", WORDS.edit, edit),
        mine && point("trash", WORDS.deleteIt, () => remove(visit, conversation, message), ".danger"),
      ),
    ];
  });
  dialog.addEventListener("keydown", walk);
  place(dialog, anchor);
}

/** Whether somebody reacted with an emoji. */
export function hasReacted(message, emoji, who) {
  return message.reactions.some((reaction) => reaction.emoji === emoji && reaction.by.id === who.id);
}

async function copy(visit, text) {
  try {
    await navigator.clipboard.writeText(text);
    visit.notice(WORDS.copied);
  } catch {
    // Not over plain HTTP and not in every frame: the old way.
    const field = el("textarea.unseen", {}, text);
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (done) visit.notice(WORDS.copied);
  }
}

async function remove(visit, conversation, message) {
  if (await confirm(WORDS.deleteSure, null, WORDS.deleteIt)) visit.act(conversation, message, { type: "delete" });
}

function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const buttons = [...event.currentTarget.querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement);
  buttons[(at + step + buttons.length) % buttons.length].focus();
}

// Coordinates are set through the object model, which a strict style policy allows, and are ignored by the style of
// narrow screens.
function place(dialog, anchor) {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = dialog;
  const { innerWidth, innerHeight } = window;
  const left = Math.min(Math.max(8, at.left + at.width / 2 - width / 2), innerWidth - width - 8);
  const below = at.bottom + 6;
  const top = below + height < innerHeight - 8 ? below : Math.max(8, at.top - height - 6);
  dialog.style.setProperty("--left", `${left}px`);
  dialog.style.setProperty("--top", `${top}px`);
}
