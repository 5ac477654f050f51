// The WebSocket, and coming back when it is lost.

import { BASE } from "./store.js";

/** Without a frame for this long we ask whether anybody is there, … */
const QUIET = 20_000;
/** … and without an answer for this long nobody is. */
const PATIENCE = 8_000;
/** Somebody who comes back to the page wants to know sooner. */
const SHORT = 3_000;
/** How long to wait before trying again: doubled each time, and shortened by chance so that not all come at once. */
const FIRST_WAIT = 400;
const LONGEST_WAIT = 20_000;

/**
 * A connection that comes back. It asks `hello()` for the first frame each time, hands every frame to
 * `heard(frame)`, and tells `changed(state)`:
 *
 * - `{ kind: "connecting" }`
 * - `{ kind: "open" }`: the server said welcome
 * - `{ kind: "waiting", until }`: lost; the next try is at `until`
 */
export class Connection {
  #socket = null;
  #timer = 0;
  #tries = 0;
  #hold = 0;
  #handlers;
  state = { kind: "connecting" };

  constructor(handlers) {
    this.#handlers = handlers;
    window.addEventListener("online", () => this.hurry());
    // The network went, or only the way to the internet while the server is on this machine: ask.
    window.addEventListener("offline", () => this.#probe());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState !== "visible") return;
      if (this.state.kind === "open") this.#probe(SHORT);
      else this.hurry();
    });
    window.addEventListener("pagehide", () => this.#socket?.close());
    window.addEventListener("pageshow", (event) => event.persisted && this.hurry());
  }

  /** Connects, and from then on stays connected as well as it can be done. */
  start() {
    this.#connect();
  }

  /** Tries now instead of later. */
  hurry() {
    if (this.state.kind === "waiting" && Date.now() >= this.#hold) this.#connect();
  }

  /** Whether it went out; only an answer says that it arrived. */
  send(frame) {
    if (this.state.kind !== "open" || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#become({ kind: "connecting" });
    const address = new URL("ws", BASE);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    let socket;
    try {
      socket = new WebSocket(address);
    } catch {
      this.#lost();
      return;
    }
    this.#socket = socket;
    const current = (act) => (event) => this.#socket === socket && act(event);
    socket.onopen = current(() => socket.send(JSON.stringify(this.#handlers.hello())));
    socket.onmessage = current((event) => this.#hear(event.data));
    socket.onclose = current(() => this.#lost());
    this.#watch(PATIENCE * 2, () => this.#lost());
  }

  #hear(data) {
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return;
    }
    this.#watch(QUIET, () => this.#probe());
    if (frame.type === "error" && !frame.id && this.state.kind !== "open") {
      this.#hold = Date.now() + (frame.retry_after_ms ?? 0);
    }
    this.#handlers.heard(frame);
    if (frame.type === "welcome") {
      this.#tries = 0;
      this.#become({ kind: "open" });
    }
  }

  // One timer: either somebody is being waited for, or the silence is being measured.
  #watch(time, act) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, time);
  }

  #probe(patience = PATIENCE) {
    if (this.send({ type: "ping" })) this.#watch(patience, () => this.#lost());
  }

  #lost() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#tries);
    this.#tries += 1;
    const until = Math.max(Date.now() + longest * (0.5 + Math.random() / 2), this.#hold);
    this.#watch(until - Date.now(), () => this.#connect());
    this.#become({ kind: "waiting", until });
  }

  #become(state) {
    this.state = state;
    this.#handlers.changed(state);
  }
}
