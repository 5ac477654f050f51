// What the person has to know: how the connection is, and what could not be done.

import { el, fill, icon } from "../dom.js";
import { WORDS } from "../words.js";

/** Connecting is worth a word only when it takes this long. */
const SOON = 700;
/** How long good news stays, and other news. */
const BRIEF = 2_500;
const LONG = 8_000;

export class Notices {
  #visit;
  #was = "fresh";
  #since = Date.now();
  #timer = 0;
  #back = 0;

  constructor(visit) {
    this.#visit = visit;
    this.banner = el("div.banner", { role: "status", hidden: true });
    this.stack = el("div.notices", { role: "status" });
    this.node = el("div.notice-board", {}, this.banner, this.stack);
    window.addEventListener("online", () => this.update());
    window.addEventListener("offline", () => this.update());
  }

  /** Shows words for a while. */
  say({ text, tone }) {
    const known = [...this.stack.children].find((node) => node.dataset.text === text);
    known?.remove();
    const close = () => node.remove();
    const node = el(
      `div.notice.${tone}`,
      { "data-text": text },
      tone === "warn" && icon("warn"),
      el("span", { dir: "auto" }, text),
      el("button.round", { type: "button", "aria-label": WORDS.close, onclick: close }, icon("close")),
    );
    this.stack.append(node);
    while (this.stack.childElementCount > 3) this.stack.firstChild.remove();
    setTimeout(close, tone === "warn" ? LONG : BRIEF);
  }

  /** Says how the connection is. */
  update() {
    clearTimeout(this.#timer);
    const { connection, outbox } = this.#visit;
    const { kind, until } = connection.state;
    if (kind !== this.#was && !(kind === "connecting" && this.#was === "waiting")) this.#turn(kind);
    const words = this.#words(kind, until, outbox.hold);
    const key = words?.[0] ?? "";
    this.banner.hidden = words === null;
    if (words === null) return;
    this.banner.className = `banner ${words[1]}`;
    if (this.banner.dataset.key !== key) {
      this.banner.dataset.key = key;
      const retry = el("button.quiet", { type: "button", onclick: () => connection.hurry() }, WORDS.tryNow);
      // The seconds change all the time; that is not news to be read out each time.
      this.seconds = el("span", { "aria-hidden": "true" });
      fill(this.banner, el("span", {}, key), this.seconds, kind === "waiting" && retry);
    }
    this.seconds.textContent = words[2] ?? "";
    this.#timer = setTimeout(() => this.update(), 500);
  }

  #turn(kind) {
    const lost = this.#was === "waiting";
    this.#was = kind;
    this.#since = Date.now();
    if (kind === "open" && lost) this.#back = Date.now() + BRIEF;
  }

  // Words, their tone, and how long still.
  #words(kind, until, hold) {
    const seconds = (at) => Math.max(1, Math.ceil((at - Date.now()) / 1_000));
    if (kind === "open") {
      const entries = this.#visit.outbox.entries.length;
      if (hold !== null && hold.until > Date.now() && entries > 0) {
        const say = hold.code === "rate_limited" ? WORDS.slower : WORDS.busy;
        return [say(seconds(hold.until)), "warn"];
      }
      return Date.now() < this.#back ? [WORDS.back, "good"] : null;
    }
    if (!navigator.onLine && kind !== "connecting") return [WORDS.offline, "bad"];
    if (this.#was === "waiting") {
      return [WORDS.lost, "bad", kind === "waiting" ? WORDS.again(seconds(until)) : WORDS.connecting];
    }
    return Date.now() - this.#since > SOON ? [WORDS.connecting, "info"] : this.#later();
  }

  #later() {
    this.#timer = setTimeout(() => this.update(), SOON);
    return null;
  }
}
