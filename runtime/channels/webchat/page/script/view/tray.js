// Files that were picked and are not said yet: each goes up at once and shows how far it is.

import { el, fill, icon, name as named } from "../dom.js";
import { sizeOf } from "../files.js";
import { fileName } from "../text/render.js";
import { WORDS } from "../words.js";

export class Tray {
  #visit;
  #files;
  #open;
  #changed;
  /** `{ file, name, progress, done, error, abort, node, preview }` */
  #items = [];

  /** `open()` promises the conversation they go to; `changed()` hears of every step. */
  constructor(visit, files, open, changed) {
    this.#visit = visit;
    this.#files = files;
    this.#open = open;
    this.#changed = changed;
    this.node = el("ul.tray", { "aria-label": WORDS.attach, hidden: true });
  }

  get count() {
    return this.#items.length;
  }

  /** Whether all that is in it is at the server. */
  get isReady() {
    return this.#items.every((item) => item.done !== null);
  }

  /** Whether something is on its way. */
  get isBusy() {
    return this.#items.some((item) => item.done === null && item.error === null);
  }

  add(files) {
    const { limits } = this.#visit;
    for (const file of files) {
      const name = fileName(file.name);
      if (this.#items.length >= limits.files) return this.#visit.notice(WORDS.tooManyFiles(limits.files), "warn");
      if (file.size > limits.file) this.#visit.notice(WORDS.fileTooLarge(name, sizeOf(limits.file)), "warn");
      // A folder that was dropped looks like this, too.
      else if (file.size === 0) this.#visit.notice(WORDS.fileEmpty(name), "warn");
      else this.#start({ file, name, progress: 0, done: null, error: null, preview: preview(file) });
    }
  }

  /** What is in it, as the server answered; it is empty then. */
  empty() {
    const done = this.#items.map((item) => item.done);
    for (const item of this.#items) this.#release(item);
    this.#items = [];
    this.#draw();
    return done;
  }

  #start(item) {
    this.#items.push(item);
    this.#upload(item);
  }

  async #upload(item) {
    const abort = new AbortController();
    Object.assign(item, { progress: 0, error: null, abort });
    this.#draw();
    try {
      const conversation = await this.#open();
      const progress = (part) => {
        item.progress = part;
        this.#show(item);
      };
      item.done = await this.#files.upload(item.file, conversation, { progress, signal: abort.signal });
    } catch (error) {
      if (error.name === "AbortError") return;
      item.error = error.message;
    }
    this.#draw();
  }

  #remove(item) {
    item.abort.abort();
    this.#release(item);
    this.#items = this.#items.filter((other) => other !== item);
    this.#draw();
  }

  #release(item) {
    if (item.preview !== null) URL.revokeObjectURL(item.preview);
  }

  #draw() {
    this.node.hidden = this.#items.length === 0;
    fill(
      this.node,
      this.#items.map((item) => this.#chip(item)),
    );
    this.#changed();
  }

  #chip(item) {
    const { name, file, error, preview } = item;
    item.bar = el("progress", { max: "1", "aria-label": WORDS.percent(name, 0) });
    item.node = el(
      `li.chip${error === null ? "" : ".failed"}`,
      {},
      preview === null ? icon("file") : el("img", { src: preview, alt: "" }),
      el("span.words", {}, named(name, "span.title"), el("small", {}, error ?? sizeOf(file.size))),
      error !== null && el("button.quiet", { type: "button", onclick: () => this.#upload(item) }, WORDS.retry),
      el(
        "button.round",
        { type: "button", "aria-label": WORDS.remove(name), onclick: () => this.#remove(item) },
        icon("close"),
      ),
      error === null && item.done === null && item.bar,
    );
    this.#show(item);
    return item.node;
  }

  #show({ bar, name, progress }) {
    bar.value = progress;
    bar.setAttribute("aria-label", WORDS.percent(name, Math.round(progress * 100)));
  }
}

function preview(file) {
  const shown = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"];
  return shown.includes(file.type) ? URL.createObjectURL(file) : null;
}
