// Asking for messages that are not here: the newest of a conversation, or older ones.

import { freshId } from "./store.js";

export class Pages {
  /** What is on its way, by the request's id: `{ conversation, before }`. */
  #asked = new Map();
  #handlers;

  /**
   * `send(frame)` says whether it went out; `came(frame)` has the messages; `changed(conversation)` hears when they are on
   * their way; `wanted(conversation)` says whether one still looks at it; `refused(why)` hears of a refusal.
   */
  constructor(handlers) {
    this.#handlers = handlers;
  }

  /** Whether messages of a conversation are on their way. */
  loading(conversation) {
    return [...this.#asked.values()].some((page) => page.conversation === conversation);
  }

  /** Asks for those before an event, or for the newest. */
  ask(conversation, before) {
    if (this.loading(conversation)) return;
    const frame = { type: "page", id: freshId(), conversation: conversation.id };
    if (before !== null) frame.before = before;
    if (!this.#handlers.send(frame)) return;
    this.#asked.set(frame.id, { conversation, before });
    this.#handlers.changed(conversation);
  }

  came(frame) {
    this.#asked.delete(frame.id);
    this.#handlers.came(frame);
  }

  /** Whether a request of that id is under way. */
  has(id) {
    return this.#asked.has(id);
  }

  /** The server does not give them: not now, or not at all. */
  failed({ id, message, retry_after_ms: after }) {
    const { conversation, before } = this.#asked.get(id);
    this.#asked.delete(id);
    if (after === undefined) this.#handlers.refused(message);
    else setTimeout(() => this.#handlers.wanted(conversation) && this.ask(conversation, before), after);
  }

  /** The connection was lost, and what was asked with it. */
  clear() {
    this.#asked.clear();
  }
}
