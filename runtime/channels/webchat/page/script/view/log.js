// The messages of the conversation that is shown, from the oldest that is here to what is not sent yet.

import { el, fill, icon, keepFocus, name as named } from "../dom.js";
import { embedded } from "../embedded.js";
import { plain } from "../text/render.js";
import { dayName, dayOf } from "../time.js";
import { WORDS } from "../words.js";
import { attachment } from "./attachment.js";
import { avatar } from "./avatar.js";
import { messageItem } from "./message.js";

/** Messages that one author writes within this time stand together. */
const TOGETHER = 5 * 60_000;
/** This near to the end somebody is at the end, and stays there when more comes. */
const NEAR = 48;
/** This near to the beginning older ones are asked for. */
const EARLY = 500;
/** More than this many messages are shown only to somebody who reads the older ones. */
const MOST = 600;
/** How many pages are asked for to find a message that was quoted. */
const FARTHEST = 20;

export class Log {
  #visit;
  #files;
  #composer;
  #conversation = null;
  /** Nodes by key, with what they were made of. */
  #nodes = new Map();
  /** Pictures survive their message being drawn anew. */
  #attachments = new Map();
  #expanded = new Set();
  #atEnd = true;
  /** The last message that was seen when the first unseen one came. */
  #newAfter = null;
  #announced = 0;
  #seeking = null;

  constructor(visit, files, composer) {
    this.#visit = visit;
    this.#files = files;
    this.#composer = composer;
    this.list = el("ol.log", { "aria-label": WORDS.messages, onkeydown: (event) => this.#walk(event) });
    this.greeting = el("div.greeting");
    this.scroller = el("div.scroller", { onscroll: () => this.#scrolled() }, this.greeting, this.list);
    this.count = el("span");
    this.newest = el(
      "button.newest",
      { type: "button", "aria-label": WORDS.toNewest, hidden: true, onclick: () => this.#toEnd(true) },
      this.count,
      icon("down"),
    );
    this.announcer = el("div.unseen", { role: "log", "aria-live": "polite", "aria-label": WORDS.messages });
    this.node = el("div.messages", {}, this.scroller, this.newest, this.announcer);
    const observer = new ResizeObserver(() => this.#atEnd && this.#toEnd(false));
    observer.observe(this.scroller);
    observer.observe(this.list);
    document.addEventListener("visibilitychange", () => this.#attend());
    embedded.watch(() => this.#attend());
  }

  /** Another conversation is shown, or the same after a break. */
  switch() {
    const { current } = this.#visit;
    const same = current === this.#conversation || (current.id !== null && current.id === this.#conversation?.id);
    this.#newAfter = current.unread > 0 ? current.read : null;
    this.#conversation = current;
    if (same) return this.update();
    this.#nodes.clear();
    this.#attachments.clear();
    this.#expanded.clear();
    this.#seeking = null;
    // Of one that is opened now, everything is news; of another one, what comes after its newest.
    this.#announced = current.id === null ? 0 : current.loaded ? current.seq : Infinity;
    this.#atEnd = true;
    this.list.replaceChildren();
    this.update();
    this.#toEnd(false);
  }

  /** The person said something: they want to see it. */
  said() {
    this.#newAfter = null;
    this.#atEnd = true;
    this.update();
    this.#toEnd(false);
  }

  update() {
    const conversation = this.#conversation;
    if (conversation === null) return;
    if (conversation.unread > 0 && this.#newAfter === null && !this.#isSeen()) this.#newAfter = conversation.read;
    if (this.#atEnd && conversation.messages.length > MOST) conversation.forget(MOST / 2);
    const items = this.#items(conversation);
    const anchor = this.#atEnd ? null : this.#anchor();
    keepFocus(this.list, () => this.#place(items));
    this.#greet(conversation, items);
    this.#rove();
    if (anchor !== null) this.#hold(anchor);
    else this.#toEnd(false);
    this.#announce(conversation);
    this.#attend();
    this.#button();
    this.#continue();
  }

  // --- what is shown ----------------------------------------------------------------------------------------------

  // The list as it shall be: `{ key, stamp, build }`. What has the same key and stamp is left as it is.
  #items(conversation) {
    const visit = this.#visit;
    const items = [];
    if (conversation.more) items.push(this.#olderItem(conversation));
    else if (!conversation.loaded && conversation.id !== null) items.push(loadingItem());
    const unsent = visit.unsent(conversation).filter((entry) => !conversation.find(entry.frame.id));
    const messages = [...conversation.messages, ...unsent.map((entry) => draftOf(entry, visit.me))];
    let day = null;
    let isNew = this.#newAfter !== null;
    messages.forEach((message, at) => {
      if (dayOf(message.at) !== day) {
        day = dayOf(message.at);
        items.push(lineItem(`day:${day}`, dayName(message.at), "day"));
      }
      if (isNew && message.seq > this.#newAfter && message.from.id !== visit.me.id) {
        items.push(lineItem("new", WORDS.newLine, "new"));
        isNew = false;
      }
      items.push(this.#messageItem(conversation, messages, at));
    });
    if (conversation.typing) items.push(typingItem(visit.title));
    return items;
  }

  #messageItem(conversation, messages, at) {
    const message = messages[at];
    const place = {
      first: !together(messages[at - 1], message),
      last: !together(message, messages[at + 1]),
    };
    const acts = this.#visit.underWay(message);
    const { entry } = message;
    const quote = message.replyTo === null ? null : conversation.quote(message.replyTo);
    const stamp = JSON.stringify([
      message.seq, message.version, place, entry?.state, acts, quote, this.#expanded.has(message.id),
    ]);
    const context = {
      visit: this.#visit,
      conversation,
      acts,
      composer: this.#composer,
      expanded: this.#expanded,
      redraw: () => this.update(),
      goTo: (id) => this.#goTo(id),
      attachment: (file) => this.#attachment(file),
    };
    return { key: `message:${message.id}`, stamp, build: () => messageItem(message, place, entry, context) };
  }

  #attachment(file) {
    if (file.file === undefined) return attachment(file, { visit: this.#visit, files: this.#files });
    let node = this.#attachments.get(file.file);
    if (node === undefined) {
      // One that turned out to be no picture replaced itself inside.
      node = el("div.file", {}, attachment(file, { visit: this.#visit, files: this.#files }));
      this.#attachments.set(file.file, node);
    }
    return node;
  }

  #olderItem(conversation) {
    const loading = this.#visit.loading(conversation);
    const ask = () => this.#visit.older(conversation);
    const words = loading ? WORDS.loadingOlder : WORDS.older;
    const build = () =>
      el("li.older", {}, el("button.quiet", { type: "button", disabled: loading, "data-focus": "older", onclick: ask }, words));
    return { key: "older", stamp: String(loading), build };
  }

  #greet(conversation, items) {
    const nothing = items.length === 0 && this.#visit.welcomed;
    this.greeting.hidden = !nothing;
    if (!nothing || this.greeting.dataset.words === this.#visit.greeting) return;
    const { title, greeting } = this.#visit;
    this.greeting.dataset.words = greeting;
    fill(this.greeting, avatar({ name: title, bot: true }), named(title, "h2"), plain(greeting));
  }

  #place(items) {
    const left = new Map(this.#nodes);
    let before = this.list.firstChild;
    for (const { key, stamp, build } of items) {
      const known = left.get(key);
      left.delete(key);
      let node = known?.node;
      if (known === undefined || known.stamp !== stamp) {
        const old = node;
        node = build();
        node.dataset.key = key;
        if (old?.parentNode) {
          if (old === before) before = node;
          old.replaceWith(node);
        }
        this.#nodes.set(key, { node, stamp });
      }
      if (node === before) before = before.nextSibling;
      else this.list.insertBefore(node, before);
    }
    for (const [key, { node }] of left) {
      node.remove();
      this.#nodes.delete(key);
    }
  }

  // --- where the person is ----------------------------------------------------------------------------------------

  #isSeen() {
    return document.visibilityState === "visible" && embedded.shown && this.#atEnd;
  }

  #attend() {
    if (this.#conversation?.loaded && this.#isSeen()) this.#visit.attend(this.#conversation);
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    this.#attend();
    this.#button();
    this.#continue();
  }

  #toEnd(smoothly) {
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const behavior = smoothly && !calm ? "smooth" : "instant";
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior });
  }

  // The first message in sight stays where it is, whatever comes above or below.
  #anchor() {
    const top = this.scroller.scrollTop;
    for (const node of this.list.children) {
      const { key } = node.dataset;
      if (!key.startsWith("message:") || node.offsetTop + node.offsetHeight <= top) continue;
      return { key, distance: node.offsetTop - top };
    }
    return null;
  }

  #hold({ key, distance }) {
    const node = this.#nodes.get(key)?.node;
    if (node) this.scroller.scrollTop = node.offsetTop - distance;
  }

  #button() {
    const { unread } = this.#conversation;
    this.newest.hidden = this.#atEnd;
    this.count.textContent = unread > 0 ? WORDS.newCount(unread) : "";
    this.newest.classList.toggle("with-count", unread > 0);
    this.newest.setAttribute("aria-label", unread > 0 ? WORDS.newCount(unread) : WORDS.toNewest);
  }

  // Older ones are wanted where they would be seen, and on the way to one that is looked for.
  #continue() {
    const conversation = this.#conversation;
    if (this.#seeking !== null) return this.#seek();
    if (conversation.more && this.scroller.scrollTop < EARLY) this.#visit.older(conversation);
  }

  #goTo(id) {
    this.#seeking = { id, pages: 0 };
    this.#seek();
  }

  #seek() {
    const conversation = this.#conversation;
    const { id, pages } = this.#seeking;
    const node = this.#nodes.get(`message:${id}`)?.node;
    if (node === undefined && conversation.more && pages < FARTHEST) {
      if (this.#visit.loading(conversation)) return;
      this.#seeking.pages += 1;
      this.#visit.older(conversation);
      return;
    }
    this.#seeking = null;
    if (node === undefined) return;
    this.#atEnd = false;
    node.scrollIntoView({ block: "center" });
    node.querySelector("article").focus({ preventScroll: true });
    node.classList.remove("found");
    requestAnimationFrame(() => node.classList.add("found"));
  }

  // --- without a mouse, and without eyes --------------------------------------------------------------------------

  // One message is in the order of Tab, with its tools; the arrows go from one to the next.
  #rove(wanted = null) {
    const articles = [...this.list.querySelectorAll("article")];
    const current = wanted ?? articles.find((article) => article.contains(document.activeElement)) ?? articles.at(-1);
    for (const article of articles) {
      const at = article === current ? "0" : "-1";
      if (article.getAttribute("tabindex") === at) continue;
      article.setAttribute("tabindex", at);
      for (const tool of article.querySelectorAll(".tool")) tool.setAttribute("tabindex", at);
    }
    if (current) for (const tool of current.querySelectorAll(".tool")) tool.setAttribute("tabindex", "0");
    return articles;
  }

  #walk(event) {
    const article = event.target.closest?.("article");
    if (article !== event.target) return;
    const articles = this.#rove(article);
    const at = articles.indexOf(article);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: articles.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = articles[Math.min(Math.max(to, 0), articles.length - 1)];
    this.#rove(next);
    next.focus();
  }

  // What others say while one is here is read out; what was there before is not.
  #announce(conversation) {
    if (!conversation.loaded) return;
    if (this.#announced === Infinity) this.#announced = conversation.seq;
    const fresh = conversation.messages.filter((message) => message.seq > this.#announced);
    this.#announced = conversation.seq;
    for (const message of fresh.filter((message) => message.from.id !== this.#visit.me.id).slice(-5)) {
      const labels = [...message.files.map((file) => file.name), ...message.buttons.map((button) => button.label)];
      const words = [message.text, ...labels].filter((words) => words !== "").join(", ");
      this.announcer.append(el("p", { dir: "auto" }, WORDS.says(message.from.name, words)));
    }
    while (this.announcer.childElementCount > 8) this.announcer.firstChild.remove();
  }
}

function together(a, b) {
  if (a === undefined || b === undefined) return false;
  const near = a.from.id === b.from.id && a.from.bot === b.from.bot && b.at - a.at < TOGETHER;
  // Under choices and reactions a new message begins anew; so does one of another day.
  return near && dayOf(a.at) === dayOf(b.at) && a.buttons.length === 0;
}

// What is said and not acknowledged, as if it were a message.
function draftOf(entry, me) {
  const { id, text = "", files = [], reply_to: replyTo = null } = entry.frame;
  return {
    id, at: entry.at, from: { ...me, bot: false }, text, replyTo, entry, seq: 0, version: 0, markup: "plain",
    files: (entry.shared ?? []).filter((file) => files.includes(file.file)),
    buttons: [], reactions: [], pressed: [], mark: null, edited: false, deleted: false,
  };
}

function lineItem(key, words, kind) {
  return { key, stamp: words, build: () => el(`li.line.${kind}`, {}, el("span", {}, words)) };
}

function loadingItem() {
  return { key: "loading", stamp: "", build: () => el("li.loading", { "aria-hidden": "true" }, el("i"), el("i"), el("i")) };
}

function typingItem(title) {
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
