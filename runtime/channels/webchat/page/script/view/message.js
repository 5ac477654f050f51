// One message, and what stands under it.

import { el, icon, name as named, unseen } from "../dom.js";
import { isEmoji, markdown, plain } from "../text/render.js";
import { clock, whole } from "../time.js";
import { WORDS } from "../words.js";
import { avatar } from "./avatar.js";
import { hasReacted, openMenu } from "./menu.js";

/** Beyond this many letters or lines only the beginning is shown until somebody asks. */
const LONG = { letters: 1_600, lines: 24 };

/**
 * A message as a list item. `place` says `{ first, last }` of those its author wrote in a row; `entry` is what the
 * outbox knows of one that the server has not acknowledged.
 */
export function messageItem(message, place, entry, context) {
  const { visit, conversation } = context;
  const mine = message.from.id === visit.me.id && !message.from.bot;
  const classes = [
    mine ? "mine" : "theirs",
    place.first && "first",
    place.last && "last",
    entry && "unsent",
    message.deleted && "gone",
    isBigEmoji(message) && "big",
  ];
  const label = `${mine ? WORDS.you : message.from.name}, ${clock(message.at)}`;
  const withName = place.first && !mine && (conversation.isRoom || !message.from.bot);
  return el(
    ["li.message", ...classes.filter(Boolean)].join("."),
    {},
    el(
      "article.column",
      { "aria-label": label, tabindex: "-1", "data-focus": `message:${message.id}` },
      withName && named(message.from.name, "span.author"),
      el(
        "div.row",
        {},
        !mine && el("div.face", {}, place.last && avatar(message.from)),
        bubble(message, context),
        !entry && !message.deleted && tools(message, context),
      ),
      message.buttons.length > 0 && choices(message, context),
      message.reactions.length > 0 && reactions(message, context),
      meta(message, mine, entry, context),
    ),
  );
}

function isBigEmoji(message) {
  return message.replyTo === null && message.files.length === 0 && isEmoji(message.text);
}

function bubble(message, context) {
  if (message.deleted) return el("div.bubble", {}, el("p.nothing", {}, WORDS.deleted));
  return el(
    "div.bubble",
    {},
    message.mark === "forwarded" && el("p.mark", {}, icon("reply"), WORDS.forwarded),
    message.replyTo !== null && quote(message.replyTo, context),
    message.text !== "" && text(message, context),
    message.files.length > 0 &&
      el(
        "div.files",
        {},
        message.files.map((file) => context.attachment(file)),
      ),
  );
}

function text(message, { expanded, redraw }) {
  const shown = message.markup === "markdown" ? markdown(message.text) : plain(message.text);
  const lines = message.text.split("\n", LONG.lines + 1).length;
  if (message.text.length <= LONG.letters && lines <= LONG.lines) return shown;
  const open = expanded.has(message.id);
  if (!open) shown.classList.add("cut");
  const toggle = () => {
    if (open) expanded.delete(message.id);
    else expanded.add(message.id);
    redraw();
  };
  const words = open ? WORDS.showLess : WORDS.showAll;
  const focus = `long:${message.id}`;
  return [
    shown,
    el("button.whole", { type: "button", "aria-expanded": open, "data-focus": focus, onclick: toggle }, words),
  ];
}

function quote(id, { conversation, goTo }) {
  const quoted = conversation.quote(id);
  if (quoted === null) return el("div.quote", {}, WORDS.quoteUnknown);
  const words = quoted.deleted ? WORDS.quoteGone : quoted.text;
  return el(
    "button.quote",
    { type: "button", "data-focus": `quote:${id}`, onclick: () => goTo(id) },
    unseen(WORDS.inAnswerTo),
    named(quoted.from.name, "b"),
    named(words, "span"),
  );
}

function tools(message, context) {
  const menu = (event) =>
    openMenu(event.currentTarget, {
      ...context,
      message,
      reply: () => context.composer.reply(message),
      edit: () => context.composer.edit(message),
    });
  const tool = (kind, drawing, label, onclick) =>
    el(
      `button.tool.${kind}`,
      { type: "button", "aria-label": label, tabindex: "-1", "data-focus": `${kind}:${message.id}`, onclick },
      icon(drawing),
    );
  return el(
    "div.tools",
    {},
    tool("answer", "reply", WORDS.reply, () => context.composer.reply(message)),
    tool("menu", "smile", WORDS.actions, menu),
  );
}

// Who chose is done choosing; in a room everybody chooses for themselves.
function choices(message, { visit, conversation, acts }) {
  const pressing = acts.find((frame) => frame.type === "press");
  const mine = pressing?.button ?? message.pressed.find(({ by }) => by.id === visit.me.id)?.button;
  const buttons = message.buttons.map(({ id, label }) => {
    const chosen = mine === id;
    const others = message.pressed.filter((press) => press.button === id && press.by.id !== visit.me.id);
    const press = () => visit.act(conversation, message, { type: "press", button: id });
    return el(
      `button.choice${chosen ? ".chosen" : ""}${chosen && pressing ? ".pending" : ""}`,
      {
        type: "button",
        disabled: mine !== undefined,
        "aria-pressed": chosen,
        "data-focus": `choice:${message.id}:${id}`,
        onclick: press,
      },
      chosen && icon("check"),
      named(label, "span"),
      others.length > 0 && el("small", { title: others.map(({ by }) => by.name).join(", ") }, others.length),
    );
  });
  return el("div.choices", { role: "group", "aria-label": WORDS.choices }, buttons);
}

function reactions(message, { visit, conversation }) {
  const by = new Map();
  for (const reaction of message.reactions) {
    by.set(reaction.emoji, [...(by.get(reaction.emoji) ?? []), reaction.by.name]);
  }
  const chips = [...by].map(([emoji, names]) => {
    const on = hasReacted(message, emoji, visit.me);
    const toggle = () => visit.act(conversation, message, { type: "react", emoji, remove: on });
    const label = WORDS.reactions(emoji, names.length, names.join(", "));
    const focus = `reaction:${message.id}:${emoji}`;
    return el(
      "button.reaction",
      {
        type: "button",
        "aria-label": label,
        "aria-pressed": on,
        title: names.join(", "),
        "data-focus": focus,
        onclick: toggle,
      },
      emoji,
      names.length > 1 && el("small", {}, names.length),
    );
  });
  return el("div.reactions", {}, chips);
}

function meta(message, mine, entry, { visit, acts }) {
  const state = entry?.state;
  if (state === "refused") return refused(message, entry, visit);
  const saving = acts.some((frame) => frame.type === "edit" || frame.type === "delete");
  const waiting = state === "waiting" || saving;
  return el(
    "p.meta",
    {},
    el("time", { datetime: new Date(message.at).toISOString(), title: whole(message.at) }, clock(message.at)),
    message.edited && !message.deleted && el("span.edited", {}, WORDS.edited),
    mine && el("span.state", { title: waiting ? WORDS.sending : WORDS.sent }, icon(waiting ? "clock" : "check")),
  );
}

function refused(message, entry, { outbox }) {
  return el(
    "p.meta.refused",
    {},
    icon("warn"),
    el("span", {}, `${WORDS.notSent}: ${entry.why}`),
    el("button.quiet", { type: "button", onclick: () => outbox.retry(message.id) }, WORDS.retry),
    el("button.quiet", { type: "button", onclick: () => outbox.discard(message.id) }, WORDS.discard),
  );
}
