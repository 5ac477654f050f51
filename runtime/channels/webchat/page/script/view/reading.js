// Reading the messages without a mouse, and without eyes.

import { el } from "../dom.js";
import { WORDS } from "../words.js";

/** One message is in the order of Tab, with its tools; the arrows go from one to the next. */
export class Rover {
  #list;

  constructor(list) {
    this.#list = list;
    list.addEventListener("keydown", (event) => this.#walk(event));
  }

  /** Puts `wanted` into the order, else the message that has the focus, else the last; gives all of them. */
  rove(wanted = null) {
    const articles = [...this.#list.querySelectorAll("article")];
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
    const articles = this.rove(article);
    const at = articles.indexOf(article);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: articles.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = articles[Math.min(Math.max(to, 0), articles.length - 1)];
    this.rove(next);
    next.focus();
  }
}

/** What others say while one is here is read out; what was there before is not. */
export class Announcer {
  #told = 0;
  node = el("div.unseen", { role: "log", "aria-live": "polite", "aria-label": WORDS.messages });

  /** Another conversation is shown. */
  begin(conversation) {
    // Of one that is opened now, everything is news; of another one, what comes after its newest.
    const { id, loaded, seq } = conversation;
    this.#told = id === null ? 0 : loaded ? seq : Infinity;
  }

  /** Reads out what others said since. */
  tell(conversation, me) {
    if (!conversation.loaded) return;
    if (this.#told === Infinity) this.#told = conversation.seq;
    const fresh = conversation.messages.filter((message) => message.seq > this.#told);
    this.#told = conversation.seq;
    for (const message of fresh.filter((message) => message.from.id !== me.id).slice(-5)) {
      const labels = [...message.files.map((file) => file.name), ...message.buttons.map((button) => button.label)];
      const words = [message.text, ...labels].filter((words) => words !== "").join(", ");
      this.node.append(el("p", { dir: "auto" }, WORDS.says(message.from.name, words)));
    }
    while (this.node.childElementCount > 8) this.node.firstChild.remove();
  }
}
