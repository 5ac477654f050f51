// The messages of the conversation that is shown, from the oldest that is here to what is not sent yet.

import { el, fill, icon, keepFocus, name as named } from "../dom.js";
import { embedded } from "../embedded.js";
import { plain } from "../text/render.js";
import { dayName, dayOf } from "../time.js";
import { WORDS } from "../words.js";
import { attachment } from "./attachment.js";
import { avatar } from "./avatar.js";
import { draftOf, lineItem, loadingItem, olderItem, previewItem, together, typingItem } from "./items.js";
import { Keyed } from "./keyed.js";
import { messageItem } from "./message.js";
import { Announcer, Rover } from "./reading.js";

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
  /** Pictures survive their message being drawn anew. */
  #attachments = new Map();
  #expanded = new Set();
  #atEnd = true;
  /** The last message that was seen when the first unseen one came. */
  #newAfter = null;
  #seeking = null;
  #keyed;
  #rover;
  #announcer = new Announcer();

  constructor(visit, files, composer) {
    this.#visit = visit;
    this.#files = files;
    this.#composer = composer;
    this.list = el("ol.log", { "aria-label": WORDS.messages });
    this.#keyed = new Keyed(this.list);
    this.#rover = new Rover(this.list);
    this.greeting = el("div.greeting");
    this.scroller = el("div.scroller", { onscroll: () => this.#scrolled() }, this.greeting, this.list);
    this.count = el("span");
    this.newest = el(
      "button.newest",
      { type: "button", "aria-label": WORDS.toNewest, hidden: true, onclick: () => this.#toEnd(true) },
      this.count,
      icon("down"),
    );
    this.node = el("div.messages", {}, this.scroller, this.newest, this.#announcer.node);
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
    this.#keyed.clear();
    this.#attachments.clear();
    this.#expanded.clear();
    this.#seeking = null;
    this.#announcer.begin(current);
    this.#atEnd = true;
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
    keepFocus(this.list, () => this.#keyed.place(items));
    this.#greet(conversation, items);
    this.#rover.rove();
    if (anchor !== null) this.#hold(anchor);
    else this.#toEnd(false);
    this.#announcer.tell(conversation, this.#visit.me);
    this.#attend();
    this.#button();
    this.#continue();
  }

  // --- what is shown ----------------------------------------------------------------------------------------------

  // The list as it shall be: `{ key, stamp, build }`. What has the same key and stamp is left as it is.
  #items(conversation) {
    const visit = this.#visit;
    const items = [];
    if (conversation.more) items.push(olderItem(visit.loading(conversation), () => visit.older(conversation)));
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
    for (const [name, text] of conversation.previews) items.push(previewItem(name, text, visit.title));
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
      message.seq,
      message.version,
      place,
      entry?.state,
      acts,
      quote,
      this.#expanded.has(message.id),
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

  #greet(conversation, items) {
    const nothing = items.length === 0 && this.#visit.welcomed;
    this.greeting.hidden = !nothing;
    if (!nothing || this.greeting.dataset.words === this.#visit.greeting) return;
    const { title, greeting } = this.#visit;
    this.greeting.dataset.words = greeting;
    fill(this.greeting, avatar({ name: title, bot: true }), named(title, "h2"), plain(greeting));
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
    const node = this.#keyed.get(key);
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
    const node = this.#keyed.get(`message:${id}`);
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
}
