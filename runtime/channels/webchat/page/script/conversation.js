// A conversation as it now stands: what the server told about it, folded. The server folds the same lines in the same
// way, so that a page that heard them all and one that asks for the outcome show the same.

/** How long somebody is shown to be typing who says nothing more. */
const TYPING = 45_000;

/** How long an answer is shown that is being written and does not grow: the server may be gone, and know nothing of it. */
const PREVIEW = 90_000;

export class Conversation {
  /** Its id; none while it is not open at the server. */
  id = null;
  /** The id of the request that opens it, while that is under way. */
  opening = null;
  kind = "dm";
  title = null;
  /** The newest event that is folded in. */
  seq = 0;
  /** Oldest first. */
  messages = [];
  /** What is answered and is not among them, by id. */
  quotes = new Map();
  /** Whether the newest messages are here. */
  loaded = false;
  /** Whether the server has older ones. */
  more = false;
  /** The last message, as a list shows it: `{ text, at, seq, by }`. */
  last = null;
  /** The newest message that the person saw. */
  read = 0;
  /** How many came since. */
  unread = 0;
  typing = false;
  /** Answers that are being written, by their names: what there is of each. */
  previews = new Map();
  #typingTimer = 0;
  #previewTimers = new Map();
  #changed;

  constructor(changed) {
    this.#changed = changed;
  }

  get isRoom() {
    return this.kind !== "dm";
  }

  find(id) {
    // Most of what happens, happens to the newest.
    return this.messages.findLast((message) => message.id === id);
  }

  /** What the server's list says of it. */
  summarise(summary) {
    this.id = summary.id;
    this.kind = summary.kind;
    this.title = summary.title ?? null;
    if (summary.last_seq !== undefined) {
      this.last = { text: summary.last, at: summary.at, seq: summary.last_seq, by: summary.by };
    } else this.last = null;
    this.#changed(this);
  }

  /** A page of messages: the newest, in place of everything, or older ones. */
  page({ messages, quotes = [], seq, more, newest }) {
    for (const quote of quotes) this.quotes.set(quote.id, quote);
    const came = messages.map(standing);
    if (newest) {
      this.messages = came;
      this.seq = seq;
      this.loaded = true;
    } else {
      const first = this.messages[0]?.seq ?? Infinity;
      this.messages = [...came.filter((message) => message.seq < first), ...this.messages];
    }
    this.more = more;
    this.#touched();
    this.#changed(this);
  }

  /** One event; false where one before it is missing. */
  event({ seq, at, event, quote }) {
    if (seq <= this.seq) return true;
    if (seq !== this.seq + 1) return false;
    this.seq = seq;
    if (quote) this.quotes.set(quote.id, quote);
    if (event.type === "message") {
      this.messages.push(standing({ ...event, seq, at }));
      if (event.from.bot) {
        this.type(false);
        this.#replace(event.text ?? "");
      }
    } else {
      const message = this.find(event.id);
      if (message) {
        fold(message, event);
        message.version += 1;
      }
      this.#requote(event);
    }
    this.#touched();
    this.#changed(this);
    return true;
  }

  /** Lets go of all but the newest `count` messages; the server has them. */
  forget(count) {
    for (const message of this.messages.slice(-count)) {
      const quote = message.replyTo === null ? null : this.quote(message.replyTo);
      if (quote !== null) this.quotes.set(quote.id, quote);
    }
    this.messages = this.messages.slice(-count);
    this.more = true;
  }

  /** A message in a conversation whose messages are not here: enough for a list. */
  glance({ seq, at, event }) {
    if (event.type !== "message") return;
    const text = gist(body(event));
    this.last = { text, at, seq, by: event.from.id };
    if (this.title === null && !this.isRoom && !event.from.bot) this.title = text;
    this.#changed(this);
  }

  /** Whether somebody is typing. */
  type(on) {
    clearTimeout(this.#typingTimer);
    if (on) this.#typingTimer = setTimeout(() => this.type(false), TYPING);
    if (this.typing === on) return;
    this.typing = on;
    this.#changed(this);
  }

  /** What there is of an answer that is being written; nothing takes it away. */
  preview(name, text) {
    clearTimeout(this.#previewTimers.get(name));
    this.#previewTimers.delete(name);
    if (text === "") {
      if (!this.previews.delete(name)) return;
    } else {
      this.#previewTimers.set(
        name,
        setTimeout(() => this.preview(name, ""), PREVIEW),
      );
      this.previews.set(name, text);
      this.type(false);
    }
    this.#changed(this);
  }

  // The answer is there: what was shown of it goes in the same moment, and not with the frame that follows.
  #replace(text) {
    for (const [name, shown] of this.previews) if (text.startsWith(shown)) this.preview(name, "");
  }

  /** What a message answers: as it stands here, or as it was told; null where nobody knows. */
  quote(id) {
    const message = this.find(id);
    if (message) return { id, from: message.from, text: gist(message), deleted: message.deleted };
    return this.quotes.get(id) ?? null;
  }

  // A quote of a message that is not here, but changed.
  #requote(event) {
    const quote = this.quotes.get(event.id);
    if (!quote) return;
    if (event.type === "deleted") this.quotes.set(event.id, { ...quote, text: "", deleted: true });
    if (event.type === "edited") this.quotes.set(event.id, { ...quote, text: gist(body(event)) });
  }

  #touched() {
    const last = this.messages.findLast((message) => !message.deleted);
    if (last) this.last = { text: gist(last), at: last.at, seq: last.seq, by: last.from.id };
    else if (!this.more) this.last = null;
    if (this.title === null && !this.isRoom) {
      const said = this.messages.find((message) => !message.from.bot && message.text !== "");
      if (said && !this.more) this.title = gist(said);
    }
  }
}

function body({ text = "", markup = "plain", files = [], buttons = [] }) {
  return { text, markup, files, buttons };
}

function standing(message) {
  const { id, seq, at, from, reply_to: replyTo = null, mark = null } = message;
  const { edited = false, deleted = false, reactions = [], pressed = [] } = message;
  return { id, seq, at, from, ...body(message), replyTo, mark, edited, deleted, reactions, pressed, version: 0 };
}

function fold(message, event) {
  const others = (list) => list.filter((one) => one.by.id !== event.by.id);
  switch (event.type) {
    case "edited":
      Object.assign(message, body(event), { edited: true, pressed: [] });
      break;
    case "deleted":
      Object.assign(message, body({}), { deleted: true, reactions: [], pressed: [] });
      break;
    case "reaction":
      message.reactions = message.reactions.filter((one) => one.emoji !== event.emoji || one.by.id !== event.by.id);
      if (!event.removed) message.reactions.push({ emoji: event.emoji, by: event.by });
      break;
    case "pressed":
      message.pressed = [...others(message.pressed), { button: event.button, by: event.by }];
      break;
  }
}

/** One line that says which message it is. */
export function gist({ text, files }) {
  const line = text
    .split("\n")
    .map((line) => line.trim())
    .find((line) => line !== "");
  return Array.from(line ?? files[0]?.name ?? "")
    .slice(0, 80)
    .join("");
}
