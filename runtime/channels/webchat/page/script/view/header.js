// Above the messages: where one is, and the ways elsewhere.

import { el, fill, icon, name as named } from "../dom.js";
import { embedded } from "../embedded.js";
import { WORDS } from "../words.js";
import { avatar } from "./avatar.js";

export class Header {
  #visit;

  constructor(visit, sidebar) {
    this.#visit = visit;
    this.face = el("span.face");
    this.title = el("h1");
    this.about = el("p");
    this.dot = el("span.dot", { hidden: true });
    this.menu = el(
      "button.round.list",
      { type: "button", "aria-label": WORDS.openList, "aria-controls": "conversations" },
      icon("menu"),
      this.dot,
    );
    this.menu.addEventListener("click", () => sidebar.open(this.menu));
    const close = () => embedded.close();
    this.node = el(
      "header.top",
      {},
      this.menu,
      this.face,
      el("div.words", {}, this.title, this.about),
      embedded.framed &&
        el("button.round", { type: "button", "aria-label": WORDS.closeChat, onclick: close }, icon("close")),
    );
  }

  update() {
    const { current, title, conversations, unread } = this.#visit;
    const room = current.isRoom;
    const name = room ? current.title : title;
    fill(this.title, named(name));
    fill(this.face, room ? el("span.avatar.room", {}, icon("room")) : avatar({ name: title, bot: true }));
    const several = conversations.size > 1 && !room && current.title !== null;
    fill(this.about, room ? WORDS.rooms : several ? named(current.title) : null);
    this.about.hidden = !several;
    const elsewhere = unread - current.unread;
    this.dot.hidden = elsewhere === 0;
    this.menu.setAttribute(
      "aria-label",
      elsewhere > 0 ? `${WORDS.openList}. ${WORDS.unread(elsewhere)}` : WORDS.openList,
    );
  }
}
