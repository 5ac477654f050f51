// Everything this page knows and everything it may ask for: the one place that speaks with the server.

import { Connection } from "./connection.js";
import { Conversation } from "./conversation.js";
import { Outbox } from "./outbox.js";
import { Pages } from "./pages.js";
import { freshId, store } from "./store.js";
import { WORDS } from "./words.js";

/**
 * Tells its watchers `(kind, subject)`:
 *
 * | kind | subject |
 * |---|---|
 * | `connection` | the connection's state changed |
 * | `me` | title, greeting, limits or the person's name changed |
 * | `list` | a conversation came, went or changed: the conversation |
 * | `current` | another conversation is shown |
 * | `outbox` | something was asked for, done or refused |
 * | `notice` | words for the person |
 */
export class Visit {
  session = null;
  me = { id: null, name: "" };
  title = document.title;
  greeting = "";
  limits = { text: 20_000, file: 20 << 20, files: 10 };
  /** By id. */
  conversations = new Map();
  /** The one that is shown; a draft has no id yet. */
  current;
  welcomed = false;
  #watchers = new Set();
  #pages;
  /** Who waits for a conversation to be open, and what is shown of it until then, by the id of the request. */
  #openers = new Map();
  #drafts = new Map();

  constructor() {
    this.session = store.get("session");
    this.outbox = new Outbox({
      send: (frame) => this.connection.send(frame),
      changed: (entry) => this.#tell("outbox", entry),
      refused: (entry) => this.#refused(entry),
      opened: (opening, id) => this.#opened(opening, id),
    });
    this.#pages = new Pages({
      send: (frame) => this.connection.send(frame),
      came: (frame) => this.conversations.get(frame.conversation)?.page(frame),
      changed: (conversation) => this.#tell("list", conversation),
      wanted: (conversation) => this.current === conversation,
      refused: (why) => this.notice(sentence(why), "warn"),
    });
    this.current = this.#draft();
    this.connection = new Connection({
      hello: () => this.#hello(),
      heard: (frame) => this.#heard(frame),
      changed: (state) => this.#connected(state),
    });
    store.watch((key, there) => {
      // Forgotten, or read, in another tab.
      if (key === "session" && !there) location.reload();
      if (key.startsWith("read:")) this.#readElsewhere(this.conversations.get(key.slice("read:".length)));
    });
  }

  start() {
    this.connection.start();
  }

  watch(watcher) {
    this.#watchers.add(watcher);
  }

  notice(text, tone = "info") {
    this.#tell("notice", { text, tone });
  }

  // --- what the person does ---------------------------------------------------------------------------------------

  /** Shows a conversation. */
  choose(conversation) {
    this.current = conversation;
    store.set("current", conversation.id);
    this.#load(conversation);
    this.#tell("current", conversation);
  }

  /** Shows an empty one; it is opened at the server with the first thing that is said. */
  compose() {
    if (this.current.id !== null || this.current.opening !== null) this.current = this.#draft();
    this.#tell("current", this.current);
  }

  /** Says something in the conversation that is shown. `files` are as the server answered their upload. */
  say(text, files, replyTo) {
    const frame = { type: "message", text };
    if (files.length > 0) frame.files = files.map(({ file }) => file);
    if (replyTo) frame.reply_to = replyTo;
    const { id } = this.current;
    if (id !== null) this.outbox.ask({ ...frame, conversation: id }, { shared: files });
    else this.outbox.ask(frame, { opening: this.#open(this.current) });
  }

  /** Asks for something about a message: `press`, `react`, `edit`, `delete`. */
  act(conversation, message, frame) {
    this.outbox.ask({ ...frame, conversation: conversation.id, message: message.id });
  }

  rename(name) {
    return this.outbox.ask({ type: "name", name }).answer;
  }

  /** A conversation's id, opened for it where it has none. */
  whenOpen(conversation) {
    if (conversation.id !== null) return Promise.resolve(conversation.id);
    const opening = this.#open(conversation);
    return new Promise((resolve, reject) => {
      this.#openers.set(opening, [...(this.#openers.get(opening) ?? []), { resolve, reject }]);
    });
  }

  /** Asks for what stands before the oldest message that is shown. */
  older(conversation) {
    const first = conversation.messages[0]?.seq;
    if (conversation.more && first !== undefined) this.#pages.ask(conversation, first);
  }

  /** The person sees everything of a conversation. */
  attend(conversation) {
    const newest = conversation.last?.seq ?? 0;
    const seen = conversation.loaded ? Math.max(newest, conversation.seq) : newest;
    if (conversation.id === null || (seen <= conversation.read && conversation.unread === 0)) return;
    conversation.read = Math.max(conversation.read, seen);
    conversation.unread = 0;
    store.set(`read:${conversation.id}`, conversation.read);
    const said = conversation.messages.findLast((message) => message.from.bot);
    if (said !== undefined && !conversation.isRoom) {
      this.connection.send({ type: "read", conversation: conversation.id, message: said.id });
    }
    this.#tell("list", conversation);
  }

  /** Loses the way to everything, on this device. */
  forget() {
    store.clear();
    location.reload();
  }

  // --- what the person asked for and how far it is ----------------------------------------------------------------

  /** What is to be said in a conversation and is not known to be. */
  unsent(conversation) {
    return this.outbox.entries.filter(({ frame, opening }) => {
      if (frame.type !== "message") return false;
      if (frame.conversation !== undefined) return frame.conversation === conversation.id;
      return opening !== undefined && opening === conversation.opening;
    });
  }

  /** What is under way for a message. */
  underWay(message) {
    return this.outbox.entries.filter((entry) => entry.frame.message === message.id).map(({ frame }) => frame);
  }

  get unread() {
    let count = 0;
    for (const conversation of this.conversations.values()) count += conversation.unread;
    return count;
  }

  // --- what the server says ---------------------------------------------------------------------------------------

  #hello() {
    this.session = store.get("session", this.session);
    const shown = [...this.conversations.values()].filter((conversation) => conversation.loaded);
    return { type: "hello", session: this.session, seen: Object.fromEntries(shown.map((c) => [c.id, c.seq])) };
  }

  #heard(frame) {
    switch (frame.type) {
      case "welcome":
        return this.#welcome(frame);
      case "opened":
        return this.#know(frame.conversation);
      case "event":
        return this.#event(frame);
      case "page":
        return this.#pages.came(frame);
      case "typing":
        return this.conversations.get(frame.conversation)?.type(frame.on);
      case "preview":
        return this.conversations.get(frame.conversation)?.preview(frame.preview, frame.text);
      case "named":
        this.me = frame.user;
        return this.#tell("me");
      case "ack":
        return this.outbox.acknowledged(frame);
      case "error":
        return this.#error(frame);
    }
  }

  #welcome({ session, user, title, greeting, limits, conversations }) {
    if (session !== undefined) {
      const kept = store.get("session");
      if (this.session !== null && store.get("own", false)) {
        this.notice(WORDS.forgotten, "warn");
        this.conversations.clear();
        this.welcomed = false;
      }
      store.set("own", false);
      // A tab that was opened at the same time was first; from the next connection on we are one person.
      if (kept === null || kept === this.session) store.set("session", session);
      this.session = session;
    }
    const known = new Set(conversations.map((summary) => summary.id));
    Object.assign(this, { me: user, title, greeting, limits });
    for (const id of this.conversations.keys()) if (!known.has(id)) this.conversations.delete(id);
    for (const summary of conversations) this.#know(summary);
    this.outbox.rehome(known);
    this.#settle(known);
    this.welcomed = true;
    this.#tell("me");
    this.#tell("current", this.current);
  }

  // Which conversation to show, where the one that is shown is gone or nothing was chosen yet.
  #settle(known) {
    const { id } = this.current;
    if (id !== null ? known.has(id) : this.welcomed) return;
    const all = [...this.conversations.values()];
    const newest = all.filter((c) => !c.isRoom).sort((a, b) => (b.last?.at ?? 0) - (a.last?.at ?? 0));
    const chosen = this.conversations.get(store.get("current")) ?? newest[0];
    const draft = this.#draft();
    this.current = draft.opening !== null ? draft : (chosen ?? draft);
  }

  #readElsewhere(conversation) {
    if (conversation === undefined) return;
    conversation.read = Math.max(conversation.read, store.get(`read:${conversation.id}`, 0));
    if ((conversation.last?.seq ?? 0) > conversation.read) return;
    conversation.unread = 0;
    this.#tell("list", conversation);
  }

  #know(summary) {
    const conversation = this.conversations.get(summary.id) ?? this.#add(summary.id);
    conversation.summarise(summary);
    if (!conversation.isRoom) store.set("own", true);
    const mark = store.get(`read:${summary.id}`);
    // What was said in a room before somebody came is nothing they missed.
    conversation.read = mark ?? (conversation.isRoom ? summary.seq : 0);
    if (mark === null && conversation.isRoom) store.set(`read:${summary.id}`, conversation.read);
    const { last } = conversation;
    const missed = last !== null && last.seq > conversation.read && last.by !== this.me.id;
    conversation.unread = missed ? Math.max(1, conversation.unread) : 0;
    this.#tell("list", conversation);
    return conversation;
  }

  #add(id) {
    const conversation = new Conversation((changed) => this.#tell("list", changed));
    conversation.id = id;
    this.conversations.set(id, conversation);
    return conversation;
  }

  #event(frame) {
    const conversation = this.conversations.get(frame.conversation);
    if (!conversation) return;
    const { event, seq } = frame;
    const isNew = event.type === "message" && event.from.id !== this.me.id && seq > conversation.read;
    if (isNew && (!conversation.loaded || seq > conversation.seq)) {
      // The summary that came with a welcome counted the first of those that follow it.
      const counted = conversation.last?.seq >= seq && conversation.unread > 0;
      if (!counted) conversation.unread += 1;
    }
    if (!conversation.loaded) conversation.glance(frame);
    else if (!conversation.event(frame)) this.#pages.ask(conversation, null);
  }

  #error(frame) {
    const { id, message } = frame;
    if (this.#pages.has(id)) this.#pages.failed(frame);
    else if (id) this.outbox.failed(frame);
    else this.notice(sentence(message), "warn");
  }

  #connected(state) {
    if (state.kind === "open") {
      this.#load(this.current);
      this.outbox.pump();
    } else {
      this.#pages.clear();
      this.outbox.disconnected();
      for (const conversation of this.conversations.values()) conversation.type(false);
    }
    this.#tell("connection");
  }

  // --- asking -----------------------------------------------------------------------------------------------------

  /** Whether messages of a conversation are on their way. */
  loading(conversation) {
    return this.#pages.loading(conversation);
  }

  #load(conversation) {
    if (conversation.id !== null && !conversation.loaded) this.#pages.ask(conversation, null);
  }

  #draft() {
    const draft = new Conversation((changed) => this.#tell("list", changed));
    if (this.welcomed) return draft;
    // What was said in one that was being opened when the page was left.
    const unsent = this.outbox.entries.find((entry) => entry.opening && !entry.frame.conversation);
    draft.opening = unsent?.opening ?? null;
    if (draft.opening !== null) this.#drafts.set(draft.opening, draft);
    return draft;
  }

  #open(draft) {
    draft.opening ??= freshId();
    this.#drafts.set(draft.opening, draft);
    // Asked again after a refusal, or after it was done and nobody heard, it is the same request.
    if (!this.outbox.has(draft.opening)) this.outbox.ask({ type: "open", id: draft.opening });
    return draft.opening;
  }

  #opened(opening, id) {
    const conversation = this.conversations.get(id) ?? this.#add(id);
    store.set("own", true);
    for (const opener of this.#openers.get(opening) ?? []) opener.resolve(id);
    this.#openers.delete(opening);
    // Whoever holds the draft finds out where it went.
    const draft = this.#drafts.get(opening);
    this.#drafts.delete(opening);
    if (draft !== undefined) draft.id = id;
    if (this.current === draft) this.choose(conversation);
  }

  #refused(entry) {
    const { frame, why } = entry;
    if (frame.type !== "message") this.notice(sentence(why), "warn");
    if (frame.type !== "open") return;
    for (const opener of this.#openers.get(frame.id) ?? []) opener.reject(new Error(why));
    this.#openers.delete(frame.id);
  }

  #tell(kind, subject) {
    for (const watcher of this.#watchers) watcher(kind, subject);
  }
}

/** What the server says, as a sentence. */
export function sentence(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
