// The conversations, and who one is.

import { el, fill, icon, keepFocus, name as named, unseen } from "../dom.js";
import { brief } from "../time.js";
import { WORDS } from "../words.js";
import { avatar } from "./avatar.js";
import { askName } from "./dialog.js";

/** Below this width the list lies over the conversation. */
const NARROW = window.matchMedia("(max-width: 760px)");

export class Sidebar {
  #visit;
  #opener = null;

  constructor(visit) {
    this.#visit = visit;
    this.title = el("h1");
    this.lists = el("div.lists");
    this.who = el("span.words");
    this.face = el("span.face");
    const compose = () => {
      visit.compose();
      this.close();
    };
    this.node = el(
      "aside.sidebar",
      { id: "conversations", "aria-label": WORDS.conversations },
      el(
        "header",
        {},
        this.title,
        el(
          "button.round.shut",
          { type: "button", "aria-label": WORDS.closeList, onclick: () => this.close() },
          icon("close"),
        ),
      ),
      el("button.compose", { type: "button", onclick: compose }, icon("plus"), WORDS.newOne),
      this.lists,
      el(
        "button.profile",
        { type: "button", onclick: () => askName(visit) },
        this.face,
        this.who,
        unseen(WORDS.profile),
        icon("edit"),
      ),
    );
    this.cover = el("div.cover", { onclick: () => this.close() });
    this.node.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !NARROW.matches) return;
      event.stopPropagation();
      this.close();
    });
    NARROW.addEventListener("change", () => this.#reach());
    this.#reach();
  }

  open(opener) {
    this.#opener = opener;
    document.body.classList.add("list-open");
    this.#reach();
    this.node.querySelector("[aria-current], button.compose").focus();
  }

  close() {
    if (!document.body.classList.contains("list-open")) return;
    document.body.classList.remove("list-open");
    this.#opener?.focus();
    this.#reach();
  }

  // What is out of sight is out of the order of Tab, too.
  #reach() {
    const open = document.body.classList.contains("list-open");
    this.node.inert = NARROW.matches && !open;
    this.cover.hidden = !open;
    document.querySelector("main")?.toggleAttribute("inert", NARROW.matches && open);
  }

  update() {
    const { title, me, conversations } = this.#visit;
    fill(this.title, named(title));
    fill(this.face, avatar(me));
    fill(this.who, named(me.name, "span.title"));
    const all = [...conversations.values()];
    const rooms = all.filter((conversation) => conversation.isRoom);
    const own = all.filter((conversation) => !conversation.isRoom).sort((a, b) => at(b) - at(a));
    keepFocus(this.lists, () =>
      fill(
        this.lists,
        own.length > 0 &&
          el(
            "nav",
            { "aria-label": WORDS.conversations },
            el(
              "ul",
              {},
              own.map((one) => this.#item(one)),
            ),
          ),
        rooms.length > 0 && [
          el("h2", { id: "rooms" }, WORDS.rooms),
          el(
            "nav",
            { "aria-labelledby": "rooms" },
            el(
              "ul",
              {},
              rooms.map((one) => this.#item(one)),
            ),
          ),
        ],
      ),
    );
  }

  #item(conversation) {
    const { id, isRoom, last, unread, title } = conversation;
    const current = this.#visit.current.id === id;
    const refused = this.#visit.unsent(conversation).some((entry) => entry.state === "refused");
    const words = refused ? WORDS.notSent : last?.text || WORDS.fresh;
    const count = el("span", { "aria-hidden": "true" }, unread > 99 ? "99+" : unread);
    const choose = () => {
      this.#visit.choose(conversation);
      this.close();
    };
    return el(
      "li",
      {},
      el(
        `button.conversation${unread > 0 ? ".unread" : ""}`,
        {
          type: "button",
          "aria-current": current ? "true" : null,
          "data-focus": `conversation:${id}`,
          onclick: choose,
        },
        isRoom && icon("room"),
        el(
          "span.words",
          {},
          named(title ?? WORDS.untitled, "span.title"),
          named(words, refused ? "small.refused" : "small"),
        ),
        el(
          "span.side",
          {},
          last && el("time", { datetime: new Date(last.at).toISOString() }, brief(last.at)),
          unread > 0 && el("span.badge", {}, count, unseen(WORDS.unread(unread))),
        ),
      ),
    );
  }
}

function at(conversation) {
  return conversation.last?.at ?? Number.MAX_SAFE_INTEGER;
}
