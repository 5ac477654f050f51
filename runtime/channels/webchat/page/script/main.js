// The page, put together.

import { el } from "./dom.js";
import { embedded } from "./embedded.js";
import { Files } from "./files.js";
import { store } from "./store.js";
import { Composer } from "./view/composer.js";
import { Header } from "./view/header.js";
import { Log } from "./view/log.js";
import { Notices } from "./view/notices.js";
import { Sidebar } from "./view/sidebar.js";
import { fitToKeyboard } from "./view/viewport.js";
import { Visit } from "./visit.js";
import { WORDS } from "./words.js";

const visit = new Visit();
const files = new Files(() => visit.session);
const sidebar = new Sidebar(visit);
const header = new Header(visit, sidebar);
const composer = new Composer(visit, files, () => log.said());
const log = new Log(visit, files, composer);
const notices = new Notices(visit);

const dropHere = el("div.drop", { hidden: true }, WORDS.drop);
const main = el("main", {}, header.node, el("div.stage", {}, log.node, notices.node), composer.node, dropHere);
document.body.classList.toggle("framed", embedded.framed);
document.body.replaceChildren(sidebar.node, sidebar.cover, main);

// --- from what happened to what is drawn: once for everything that happens in one go ---------------------------------

const due = new Set();

function draw() {
  const wanted = new Set(due);
  due.clear();
  if (wanted.has("current")) {
    log.switch();
    composer.switch();
  } else if (wanted.has("list") || wanted.has("outbox") || wanted.has("me")) log.update();
  if (wanted.has("me") && !wanted.has("current")) composer.update();
  if (wanted.has("connection") || wanted.has("outbox")) notices.update();
  sidebar.update();
  header.update();
  const { unread } = visit;
  document.title = unread > 0 ? `(${unread}) ${visit.title}` : visit.title;
  embedded.unread(unread);
}

visit.watch((kind, subject) => {
  if (kind === "notice") return notices.say(subject);
  if (due.size === 0) queueMicrotask(draw);
  due.add(kind);
});

// --- files that are dropped anywhere ----------------------------------------------------------------------------------

const brings = (event) => event.dataTransfer?.types.includes("Files");
main.addEventListener("dragover", (event) => {
  if (!brings(event)) return;
  event.preventDefault();
  dropHere.hidden = false;
});
main.addEventListener("dragleave", (event) => {
  if (!main.contains(event.relatedTarget)) dropHere.hidden = true;
});
main.addEventListener("drop", (event) => {
  dropHere.hidden = true;
  if (!brings(event)) return;
  event.preventDefault();
  composer.drop(event.dataTransfer.files);
});

// --- keys -------------------------------------------------------------------------------------------------------------

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && embedded.framed && document.querySelector("dialog") === null) embedded.close();
});

// --- begin ------------------------------------------------------------------------------------------------------------

fitToKeyboard();
log.switch();
composer.switch();
sidebar.update();
header.update();
visit.start();
notices.update();
embedded.watch((shown, focus) => shown && focus && composer.focus());
embedded.ready();
if (!store.lasting) visit.notice(WORDS.notLasting, "warn");
