// A file under a message: a picture that is shown, or a card to save it by.

import { el, icon, name as named } from "../dom.js";
import { isPicture, sizeOf } from "../files.js";
import { link, safeAddress } from "../text/links.js";
import { fileName } from "../text/render.js";
import { WORDS } from "../words.js";
import { showPicture } from "./dialog.js";

/** A file as it is shown. */
export function attachment(file, { visit, files }) {
  if (file.url !== undefined) return elsewhere(file);
  const name = fileName(file.name);
  const save = () => files.save(file, name).catch((error) => visit.notice(error.message, "warn"));
  return isPicture(file) ? picture(file, name, save, files) : card(file, name, save);
}

// The room for it is there before it is: nothing moves when it comes.
function picture(file, name, save, files) {
  const open = async () => {
    try {
      showPicture(await files.picture(file), name, save);
    } catch {
      save();
    }
  };
  const label = WORDS.openImage(name);
  const focus = `file:${file.file}`;
  const button = el("button.picture", { type: "button", "aria-label": label, "data-focus": focus, onclick: open });
  const show = async () => {
    try {
      const image = el("img", { alt: "", src: await files.preview(file) });
      await image.decode();
      button.replaceChildren(image);
    } catch {
      // Gone, or no picture whatever it is called.
      button.replaceWith(card(file, name, save));
    }
  };
  whenNear(button, show);
  return button;
}

function card(file, name, save) {
  const focus = `file:${file.file}`;
  return el(
    "button.card",
    { type: "button", "aria-label": WORDS.download(name), "data-focus": focus, onclick: save },
    icon("file"),
    el("span.words", {}, named(name, "span.title"), file.size !== undefined && el("small", {}, sizeOf(file.size))),
    icon("download"),
  );
}

// Fetching it at once would tell that site who reads this.
function elsewhere(file) {
  const name = fileName(file.name || file.url);
  const address = safeAddress(file.url);
  const words = el("span.words", {}, named(name, "span.title"), el("small", {}, WORDS.elsewhere));
  if (address === null) return el("span.card", {}, icon("file"), words);
  const anchor = link(address, icon("file"), words);
  anchor.className = "card";
  return anchor;
}

const waiting = new WeakMap();
const observer = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      waiting.get(target)?.();
    }
  },
  // Of the scrolled list, where a browser knows that, else of the window.
  { rootMargin: "600px", scrollMargin: "600px" },
);

function whenNear(node, act) {
  waiting.set(node, act);
  observer.observe(node);
}
