// What stands before everything else until it is answered. The browser keeps the focus in it and brings it back.

import { el, icon } from "../dom.js";
import { WORDS } from "../words.js";

/** Opens a dialog with `content(close)` in it. Escape and a click beside it close it. */
export function openDialog(kind, label, content) {
  const dialog = el(`dialog.dialog.${kind}`, { "aria-label": label });
  const close = () => dialog.close();
  dialog.append(...[content(close, dialog)].flat(Infinity).filter(Boolean));
  dialog.addEventListener("click", (event) => event.target === dialog && close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Asks whether something shall be done; the promise says so. */
export function confirm(question, hint, yes) {
  return new Promise((resolve) => {
    const dialog = openDialog("sheet", question, (close) => [
      el("p.question", {}, question),
      hint && el("p.hint", {}, hint),
      el(
        "div.answers",
        {},
        el("button.plain", { type: "button", onclick: close, autofocus: true }, WORDS.cancel),
        el("button.danger", { type: "button", onclick: () => (resolve(true), close()) }, yes),
      ),
    ]);
    dialog.addEventListener("close", () => resolve(false));
  });
}

/** A picture, as large as it fits. */
export function showPicture(address, name, save) {
  openDialog("picture", name, (close) => [
    el("img", { src: address, alt: name }),
    el(
      "div.answers",
      {},
      el("button.round", { type: "button", "aria-label": WORDS.download(name), onclick: save }, icon("download")),
      el("button.round", { type: "button", "aria-label": WORDS.close, onclick: close, autofocus: true }, icon("close")),
    ),
  ]);
}

/** What the person is called, and the way out. */
export function askName(visit) {
  openDialog("sheet", WORDS.name, (close) => {
    const field = el("input", {
      id: "name",
      type: "text",
      maxlength: "60",
      value: visit.me.name,
      autocomplete: "nickname",
      dir: "auto",
    });
    const save = async (event) => {
      event.preventDefault();
      const name = field.value.trim();
      if (name !== "" && name !== visit.me.name) visit.rename(name);
      close();
    };
    const forget = async () => {
      close();
      if (await confirm(WORDS.forget, WORDS.forgetHint, WORDS.forgetSure)) visit.forget();
    };
    queueMicrotask(() => field.select());
    return el(
      "form",
      { onsubmit: save },
      el("label", { for: "name" }, WORDS.name),
      field,
      el("p.hint", {}, WORDS.nameHint),
      el(
        "div.answers",
        {},
        el("button.plain", { type: "button", onclick: close }, WORDS.cancel),
        el("button.accent", { type: "submit" }, WORDS.save),
      ),
      el("button.quiet", { type: "button", onclick: forget }, WORDS.forget),
    );
  });
}
