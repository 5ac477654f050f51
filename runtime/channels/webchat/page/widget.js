// A button on somebody else's page that opens the chat. The chat itself stays in a frame, with a session of its own
// that the page around it cannot read. All we leave outside is `window.CarapaceChat` and two marks in the site's storage.
(() => {
  "use strict";
  if (window.CarapaceChat) return;

  const own = document.currentScript ?? document.querySelector('script[src$="/widget.js"][data-carapace]');
  if (!own) return console.error("carapace: the widget does not know where it came from; see its README");
  const base = new URL("./", own.src);
  const { title = "Chat", side = "right", color } = own.dataset;

  // The chat was used on this site: it is loaded right away, so that unread messages are counted.
  const USED = `carapace:${base.host}${base.pathname}:used`;
  // It was open when this tab went to another page of the site: it is opened again.
  const OPEN = `carapace:${base.host}${base.pathname}:open`;
  // Without an answer for this long the frame shows something else than a chat.
  const PATIENCE = 8_000;

  const STYLE = `
    :host { all: initial; }
    * { box-sizing: border-box; }
    button { all: unset; box-sizing: border-box; cursor: pointer; -webkit-tap-highlight-color: transparent; }
    .bubble {
      position: fixed; z-index: 2147483000; bottom: max(20px, env(safe-area-inset-bottom)); ${side === "left" ? "left" : "right"}: 20px;
      display: grid; place-items: center; width: 60px; height: 60px; border-radius: 50%;
      background: var(--accent, #0e6b5b); color: #fff; box-shadow: 0 2px 6px rgb(0 0 0 / 20%), 0 8px 28px rgb(0 0 0 / 22%);
      transition: transform 140ms ease-out;
    }
    .bubble:hover { transform: scale(1.05); }
    .bubble:focus-visible { outline: 3px solid var(--accent, #0e6b5b); outline-offset: 3px; }
    svg { width: 28px; height: 28px; fill: none; stroke: currentcolor; stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; }
    .badge {
      position: absolute; top: -3px; right: -3px; min-width: 22px; padding: 0 6px; border: 2px solid #fff; border-radius: 13px;
      background: #c5281c; color: #fff; font: 700 13px/20px system-ui, sans-serif; text-align: center;
    }
    .panel {
      position: fixed; z-index: 2147483000; bottom: calc(max(20px, env(safe-area-inset-bottom)) + 74px); ${side === "left" ? "left" : "right"}: 20px;
      width: min(400px, calc(100vw - 40px)); height: min(680px, calc(100dvh - 120px)); overflow: hidden;
      border-radius: 20px; background: #f3f1ec; color: #1c211f; box-shadow: 0 4px 12px rgb(0 0 0 / 14%), 0 18px 60px rgb(0 0 0 / 26%);
      transform-origin: bottom ${side === "left" ? "left" : "right"}; animation: come 160ms ease-out;
    }
    @keyframes come { from { opacity: 0; transform: translateY(14px) scale(0.97); } }
    iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: normal; }
    .trouble {
      position: absolute; inset: 0; display: grid; place-content: center; gap: 12px; padding: 32px; background: inherit;
      font: 15px/1.5 system-ui, sans-serif; text-align: center;
    }
    .trouble a { color: #0a5548; font-weight: 600; }
    [hidden] { display: none !important; }
    @media (max-width: 520px) {
      .panel { inset: 0 0 auto; width: 100%; height: var(--height, 100dvh); border-radius: 0; }
      .panel:not([hidden]) ~ .bubble { display: none; }
    }
    @media (prefers-color-scheme: dark) {
      .panel { background: #0f1312; color: #e7ecea; }
      .trouble a { color: #7ad6c2; }
      .badge { border-color: #0f1312; }
    }
    @media (prefers-reduced-motion: reduce) { .panel { animation: none; } .bubble { transition: none; } }
  `;

  const SPEECH = "M6.5 5h11a3 3 0 0 1 3 3v6a3 3 0 0 1-3 3h-5L8 20.5V17H6.5a3 3 0 0 1-3-3V8a3 3 0 0 1 3-3z";
  const DOWN = "M6 9.5l6 6 6-6";

  const host = document.createElement("carapace-chat");
  const root = host.attachShadow({ mode: "closed" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  // A style sheet that was made, not written into the page: no site's policy stands against it.
  root.adoptedStyleSheets = [sheet];
  if (color && CSS.supports("color", color)) host.style.setProperty("--accent", color);

  const bubble = make("button", "bubble", { type: "button", "aria-haspopup": "dialog" });
  const badge = make("span", "badge", { "aria-hidden": "true" });
  const panel = make("div", "panel", { role: "dialog", "aria-label": title });
  const trouble = make("div", "trouble", { role: "alert" });
  panel.hidden = badge.hidden = trouble.hidden = true;
  let frame = null;
  let timer = 0;
  let unread = 0;
  // Whether a person opened it just now, and so wants to write in it.
  let asked = false;

  bubble.addEventListener("click", () => toggle());
  panel.append(trouble);
  root.append(panel, bubble);
  draw();

  function make(name, kind, attributes) {
    const node = document.createElement(name);
    node.className = kind;
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
  }

  function drawing(path) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  }

  function draw() {
    const open = !panel.hidden;
    bubble.replaceChildren(drawing(open ? DOWN : SPEECH), badge);
    bubble.setAttribute("aria-expanded", String(open));
    badge.hidden = open || unread === 0;
    badge.textContent = unread > 99 ? "99+" : String(unread);
    const more = !open && unread > 0 ? ` (${unread})` : "";
    bubble.setAttribute("aria-label", title + more);
  }

  function load() {
    if (frame !== null) return;
    frame = make("iframe", "", { title, allow: "clipboard-write", src: new URL("#widget", base).href });
    panel.append(frame);
    timer = setTimeout(fail, PATIENCE);
  }

  // The browser shows a page of its own then, and tells nobody why: this site is not among those that may frame the
  // chat, or the server cannot be reached.
  function fail() {
    const link = make("a", "", { href: base.href, target: "_blank", rel: "noopener" });
    link.textContent = "Open it in a tab of its own";
    const words = document.createElement("p");
    words.textContent = "The chat cannot be shown here.";
    trouble.replaceChildren(words, link);
    trouble.hidden = false;
    console.error(
      `carapace: no chat came from ${base.href}; does its configuration list ${location.origin} in "frames"?`,
    );
  }

  function tell(message) {
    frame?.contentWindow?.postMessage({ carapace: "webchat", ...message }, base.origin);
  }

  function mark(storage, key, on) {
    try {
      if (on) window[storage].setItem(key, "1");
      else window[storage].removeItem(key);
    } catch {
      // Not allowed here: the next page begins with the chat closed.
    }
  }

  function marked(storage, key) {
    try {
      return window[storage].getItem(key) !== null;
    } catch {
      return false;
    }
  }

  function show(open) {
    load();
    panel.hidden = !open;
    mark("sessionStorage", OPEN, open);
    if (open) {
      mark("localStorage", USED, true);
      frame.focus();
    } else bubble.focus();
    asked = open;
    tell({ kind: "shown", shown: open, focus: open });
    draw();
  }

  function toggle() {
    show(panel.hidden);
  }

  window.addEventListener("message", (event) => {
    if (frame === null || event.source !== frame.contentWindow || event.origin !== base.origin) return;
    const { carapace, kind, count } = event.data ?? {};
    if (carapace !== "webchat") return;
    if (kind === "ready") {
      clearTimeout(timer);
      trouble.hidden = true;
      tell({ kind: "shown", shown: !panel.hidden, focus: asked });
    } else if (kind === "close") show(false);
    else if (kind === "unread" && Number.isSafeInteger(count)) {
      unread = Math.max(0, count);
      draw();
    }
  });
  window.addEventListener("keydown", (event) => event.key === "Escape" && !panel.hidden && show(false));

  // A phone's keyboard that lies over the page would lie over the chat's field, too.
  window.visualViewport?.addEventListener("resize", () => {
    const { height, scale } = window.visualViewport;
    if (scale > 1.01) host.style.removeProperty("--height");
    else host.style.setProperty("--height", `${height}px`);
  });

  function begin() {
    document.body.append(host);
    if (marked("sessionStorage", OPEN)) {
      load();
      panel.hidden = false;
      draw();
    } else if (marked("localStorage", USED)) load();
  }
  if (document.body) begin();
  else document.addEventListener("DOMContentLoaded", begin);

  /** What the page around may do: open, close or toggle the chat, for a link or a button of its own. */
  window.CarapaceChat = Object.freeze({ open: () => show(true), close: () => show(false), toggle });
})();
