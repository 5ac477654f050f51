// Where one writes.

import { el, fill, icon, name as named } from "../dom.js";
import { gist } from "../conversation.js";
import { embedded } from "../embedded.js";
import { store } from "../store.js";
import { WORDS } from "../words.js";
import { Tray } from "./tray.js";

/** From this share of the longest message on, the letters that are left are counted. */
const NEARLY = 0.9;

/** A person at a keyboard wants the field at once; on a phone it would throw the keyboard over what they read. */
const KEYBOARD = window.matchMedia("(hover: hover) and (pointer: fine)");

export class Composer {
  #visit;
  #files;
  #said;
  #conversation = null;
  /** What is being written in each conversation: `{ text, reply, editing, tray }`. */
  #drafts = new Map();
  #draft = null;

  /** `said()` hears when something was sent. */
  constructor(visit, files, said) {
    this.#visit = visit;
    this.#files = files;
    this.#said = said;
    this.field = el("textarea", {
      id: "write",
      rows: "1",
      dir: "auto",
      enterkeyhint: "send",
      autocomplete: "off",
      "aria-describedby": "count",
      oninput: () => this.#typed(),
      onkeydown: (event) => this.#key(event),
      onpaste: (event) => this.#take(event, event.clipboardData?.files),
    });
    this.label = el("label.unseen", { for: "write" }, WORDS.write);
    this.count = el("span.count", { id: "count", role: "status" });
    this.above = el("div.above");
    this.trays = el("div");
    const picker = el("input", {
      type: "file",
      multiple: true,
      hidden: true,
      tabindex: "-1",
      onchange: () => {
        this.#draft.tray.add([...picker.files]);
        picker.value = "";
        this.field.focus();
      },
    });
    this.attach = el(
      "button.round.attach",
      { type: "button", "aria-label": WORDS.attach, onclick: () => picker.click() },
      icon("attach"),
    );
    this.send = el(
      "button.round.send",
      // The field keeps the focus, and a phone its keyboard.
      { type: "submit", "aria-label": WORDS.send, onpointerdown: (event) => event.preventDefault() },
      icon("send"),
    );
    const submit = (event) => {
      event.preventDefault();
      this.#submit();
    };
    this.node = el(
      "form.composer",
      { onsubmit: submit },
      this.above,
      this.trays,
      el("div.field", {}, this.attach, picker, this.label, this.field, this.count, this.send),
    );
  }

  /** Another conversation is shown. */
  switch() {
    const { current } = this.#visit;
    const title = current.isRoom ? current.title : this.#visit.title;
    this.label.textContent = WORDS.writeTo(title);
    this.field.placeholder = WORDS.write;
    if (current === this.#conversation) return this.update();
    this.#conversation = current;
    // What was being written before the conversation was open at the server goes with it.
    const known = [...this.#drafts.keys()].find(
      (other) => other === current || (other.id !== null && other.id === current.id),
    );
    const draft = this.#drafts.get(known) ?? this.#fresh(current);
    this.#drafts.delete(known);
    this.#drafts.set(current, draft);
    if (draft !== this.#draft) {
      this.#draft = draft;
      this.field.value = draft.editing ? draft.changed : draft.text;
    }
    fill(this.trays, this.#draft.tray.node);
    this.update();
    if (embedded.shown) this.focus();
  }

  /** Begins to write, where that does no harm. */
  focus() {
    if (KEYBOARD.matches && document.querySelector("dialog") === null) this.field.focus();
  }

  #fresh(conversation) {
    const tray = new Tray(
      this.#visit,
      this.#files,
      () => this.#visit.whenOpen(conversation),
      () => this.update(),
    );
    return { text: store.get(this.#storeKey(conversation), ""), changed: "", reply: null, editing: null, tray };
  }

  #storeKey(conversation) {
    return `draft:${conversation.id ?? ""}`;
  }

  /** Answers a message. */
  reply(message) {
    this.#stop();
    this.#draft.reply = message;
    this.update();
    this.field.focus();
  }

  /** Changes a message of the person's own. */
  edit(message) {
    this.#stop();
    Object.assign(this.#draft, { editing: message, changed: message.text });
    this.field.value = message.text;
    this.update();
    this.field.focus();
  }

  /** Takes files that were dropped somewhere. */
  drop(files) {
    if (this.#draft.editing === null) this.#draft.tray.add([...files]);
  }

  update() {
    const draft = this.#draft;
    if (draft === null) return;
    this.#grow();
    const about = draft.editing ?? draft.reply;
    this.above.hidden = about === null;
    if (about === null) this.above.replaceChildren();
    else {
      const words = draft.editing === null ? WORDS.answering(about.from.name) : WORDS.editing;
      const cancel = () => (this.#stop(), this.update(), this.field.focus());
      fill(
        this.above,
        icon(draft.editing === null ? "reply" : "edit"),
        el("span.words", {}, named(words, "b"), named(gist(about), "span")),
        el("button.round", { type: "button", "aria-label": WORDS.cancel, onclick: cancel }, icon("close")),
      );
    }
    this.#check();
  }

  // --- inside -----------------------------------------------------------------------------------------------------

  #typed() {
    if (this.#draft.editing === null) {
      this.#draft.text = this.field.value;
      const key = this.#storeKey(this.#conversation);
      if (this.field.value === "") store.remove(key);
      else store.set(key, this.field.value);
    } else this.#draft.changed = this.field.value;
    this.#grow();
    this.#check();
  }

  // As high as what is written, up to what the style allows.
  #grow() {
    const { style } = this.field;
    style.setProperty("height", "auto");
    style.setProperty("height", `${this.field.scrollHeight}px`);
  }

  #length() {
    // Counted as the server counts: a letter beyond the first plane is one.
    const { value } = this.field;
    return value.length < this.#visit.limits.text / 2 ? value.length : Array.from(value).length;
  }

  #check() {
    const { limits, welcomed } = this.#visit;
    const left = limits.text - this.#length();
    const near = this.#length() > limits.text * NEARLY;
    this.count.textContent = left < 0 ? WORDS.tooLong(-left) : near ? WORDS.left(left) : "";
    this.count.classList.toggle("over", left < 0);
    const { editing, tray } = this.#draft;
    this.attach.disabled = editing !== null;
    this.send.disabled = !welcomed || left < 0 || !this.#hasWords() || (editing === null && !tray.isReady);
    this.send.classList.toggle("busy", tray.isBusy);
  }

  #hasWords() {
    const { editing, tray } = this.#draft;
    const files = editing === null ? tray.count : editing.files.length;
    return this.field.value.trim() !== "" || files > 0;
  }

  #key(event) {
    // Enter that ends the composition of a letter sends nothing.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "Escape" && (this.#draft.reply !== null || this.#draft.editing !== null)) {
      event.preventDefault();
      event.stopPropagation();
      this.#stop();
      this.update();
    }
  }

  #take(event, files) {
    if (!files?.length || this.#draft.editing !== null) return;
    event.preventDefault();
    this.#draft.tray.add([...files]);
  }

  // Back to a plain message; what was being written before comes back.
  #stop() {
    if (this.#draft.editing !== null) this.field.value = this.#draft.text;
    Object.assign(this.#draft, { reply: null, editing: null, changed: "" });
  }

  #submit() {
    this.#check();
    const draft = this.#draft;
    if (this.send.disabled) {
      if (draft.tray.isBusy) this.#visit.notice(WORDS.uploading);
      return;
    }
    const text = this.field.value;
    if (draft.editing !== null) {
      if (text !== draft.editing.text) this.#visit.act(this.#conversation, draft.editing, { type: "edit", text });
      this.#stop();
      this.update();
      return;
    }
    const reply = draft.reply?.id ?? null;
    const files = draft.tray.empty();
    draft.text = "";
    this.field.value = "";
    store.remove(this.#storeKey(this.#conversation));
    this.#stop();
    this.#visit.say(text, files, reply);
    this.update();
    this.#said();
  }
}
