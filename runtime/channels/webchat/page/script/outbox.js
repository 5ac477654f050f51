// What the person asked for and the server has not acknowledged. It survives a reload, and goes out again under the same
// id after a lost connection, so that the server does it once.

import { freshId, store } from "./store.js";

const KEY = "out:";

/**
 * An entry is `{ frame, at, state, why }`. `state` is `waiting` (in line, or on its way) or `refused` (the server
 * will not do it; `why` says so). A frame for a conversation that is not open yet names in `opening` the entry that
 * opens it; one with files has in `shared` what they are.
 *
 * Entries go out one after the other: sent all at once, one that is told to wait would be overtaken.
 */
export class Outbox {
  #entries = [];
  #flying = null;
  #timer = 0;
  #waiters = new Map();
  #handlers;
  /** Until when the server asked us to wait, and why: `{ until, code }`. */
  hold = null;

  /** `send(frame)` says whether it went out; `changed(entry)`, `refused(entry)` and `opened(id, conversation)` tell. */
  constructor(handlers) {
    this.#handlers = handlers;
    const kept = store
      .keys(KEY)
      .map((key) => store.get(key))
      .filter((entry) => entry?.frame?.id);
    this.#entries = kept.sort((a, b) => a.at - b.at);
    // Another tab that knew of the entry, too, got it through.
    store.watch((key, there) => key.startsWith(KEY) && !there && this.#forget(key.slice(KEY.length)));
  }

  /** All that is left, oldest first. */
  get entries() {
    return this.#entries;
  }

  /** Asks for something. The promise is the answer: the conversation it was about, or a refusal. */
  ask(frame, more = {}) {
    const last = this.#entries.at(-1)?.at ?? 0;
    const entry = { frame: { id: freshId(), ...frame }, at: Math.max(Date.now(), last + 1), state: "waiting", ...more };
    this.#entries.push(entry);
    this.#keep(entry);
    const answer = new Promise((resolve, reject) => this.#waiters.set(entry.frame.id, { resolve, reject }));
    // Not everybody who asks waits for the answer.
    answer.catch(() => {});
    this.#handlers.changed(entry);
    this.pump();
    return { id: entry.frame.id, answer };
  }

  /** Sends what is next, if it is its turn. */
  pump() {
    if (this.#flying !== null || (this.hold !== null && Date.now() < this.hold.until)) return;
    const next = this.#entries.find((entry) => entry.state === "waiting" && !this.#stuck(entry));
    if (next && this.#handlers.send(next.frame)) this.#flying = next.frame.id;
  }

  /** The connection was lost: nobody knows what became of the one on its way, so it goes out again. */
  disconnected() {
    this.#flying = null;
  }

  /** The server did it. */
  acknowledged({ id, conversation }) {
    const entry = this.#find(id);
    this.#landed(id);
    this.#release();
    if (entry?.frame.type === "open") this.#resolve(id, conversation);
    this.#forget(id);
    this.#settle(id, (waiter) => waiter.resolve(conversation));
    this.pump();
  }

  /** The server did not do it: not now, or not at all. */
  failed({ id, code, message, retry_after_ms: after }) {
    const entry = this.#find(id);
    this.#landed(id);
    if (entry && after !== undefined) {
      this.#wait(code, after);
      this.#handlers.changed(entry);
      return;
    }
    if (entry) {
      entry.state = "refused";
      entry.why = message;
      if (entry.frame.type === "message") this.#keep(entry);
      else this.#forget(id);
      this.#handlers.refused(entry, code);
      // What stands on it would wait for ever.
      for (const other of this.#entries.filter((other) => other.opening === id)) {
        Object.assign(other, { state: "refused", why: message });
        this.#keep(other);
      }
      this.#handlers.changed(entry);
    }
    this.#settle(id, (waiter) => waiter.reject(new Error(message)));
    this.pump();
  }

  /** Sends a refused one again, under the same id. */
  retry(id) {
    const entry = this.#find(id);
    if (!entry) return;
    const { opening } = entry;
    const all = opening ? this.#entries.filter((other) => other.opening === opening) : [entry];
    for (const one of all) {
      one.state = "waiting";
      delete one.why;
      this.#keep(one);
    }
    if (opening && !this.has(opening)) this.#reopen(all, opening);
    this.#handlers.changed(entry);
    this.pump();
  }

  /** Gives one up. */
  discard(id) {
    this.#forget(id);
  }

  /**
   * The server knows nothing of our earlier conversations: what was to be said there is said in a new one. What was
   * to be done to messages there has lost its object.
   */
  rehome(known) {
    const lost = this.#entries.filter((entry) => {
      const { type, conversation } = entry.frame;
      return type !== "open" && type !== "name" && conversation && !known.has(conversation);
    });
    const said = lost.filter((entry) => entry.frame.type === "message");
    for (const entry of lost) {
      delete entry.frame.reply_to;
      delete entry.frame.files;
      if (!said.includes(entry) || !entry.frame.text) this.#forget(entry.frame.id);
    }
    const homeless = said.filter((entry) => entry.frame.text);
    if (homeless.length > 0) this.#reopen(homeless, freshId());
  }

  /** Whether something is asked for under an id and not done. */
  has(id) {
    return this.#find(id) !== undefined;
  }

  #reopen(entries, id) {
    const open = { frame: { type: "open", id }, at: entries[0].at - 1, state: "waiting" };
    this.#entries.splice(this.#entries.indexOf(entries[0]), 0, open);
    this.#keep(open);
    for (const entry of entries) {
      delete entry.frame.conversation;
      entry.opening = id;
      this.#keep(entry);
    }
  }

  #stuck(entry) {
    return entry.opening !== undefined && entry.frame.conversation === undefined;
  }

  #resolve(opening, conversation) {
    for (const entry of this.#entries.filter((entry) => entry.opening === opening)) {
      delete entry.opening;
      entry.frame.conversation = conversation;
      this.#keep(entry);
    }
    this.#handlers.opened(opening, conversation);
  }

  #wait(code, after) {
    this.hold = { code, until: Date.now() + after };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.pump();
    }, after + 50);
  }

  #release() {
    this.hold = null;
  }

  #landed(id) {
    if (this.#flying === id) this.#flying = null;
  }

  #find(id) {
    return this.#entries.find((entry) => entry.frame.id === id);
  }

  #forget(id) {
    const entry = this.#find(id);
    this.#entries = this.#entries.filter((other) => other !== entry);
    store.remove(KEY + id);
    if (entry) this.#handlers.changed(entry);
  }

  #keep(entry) {
    store.set(KEY + entry.frame.id, entry);
  }

  #settle(id, act) {
    const waiter = this.#waiters.get(id);
    this.#waiters.delete(id);
    if (waiter) act(waiter);
  }
}
