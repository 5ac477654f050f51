// Building the page, node by node. Nothing here or elsewhere reads text as HTML: what strangers write stays text, and
// the page's Content-Security-Policy (`require-trusted-types-for`) holds us to it.

/**
 * An element: `el("button.round", { type: "button", onclick: send }, icon("send"))`. Classes stand behind dots;
 * functions listen; `true` is a bare attribute; `false`, `null` and `undefined` are left out, among children too. To an
 * `aria-` attribute `false` is a word like any other.
 */
export function el(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const node = document.createElement(tag);
  // Before the attributes: under `dir="auto"` a browser looks for the first letter anew with each child.
  put(node, children);
  if (classes.length > 0) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined) continue;
    if (typeof value === "function") node.addEventListener(key.slice(2), value);
    else if (key.startsWith("aria-")) node.setAttribute(key, String(value));
    else if (value !== false) node.setAttribute(key, value === true ? "" : String(value));
  }
  return node;
}

/** Appends children, nested lists too, all at once. */
export function put(node, children) {
  const fragment = document.createDocumentFragment();
  for (const child of children.flat(Infinity)) {
    if (child === false || child === null || child === undefined) continue;
    fragment.append(child);
  }
  node.append(fragment);
}

/** Takes everything out and puts `children` in. */
export function fill(node, ...children) {
  node.replaceChildren();
  put(node, children);
}

/**
 * Does `change`, which may replace what has the focus inside `container`; then its successor has it: what carries the
 * same `data-focus`.
 */
export function keepFocus(container, change) {
  const focused = document.activeElement;
  const key = container.contains(focused) ? focused.dataset.focus : undefined;
  change();
  if (key === undefined || container.contains(document.activeElement)) return;
  container.querySelector(`[data-focus="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

/** Words for those who hear the page. */
export function unseen(words) {
  return el("span.unseen", {}, ` ${words} `);
}

/** A name that a stranger chose, kept from turning around what stands beside it. */
export function name(text, kind = "bdi") {
  return el(kind, { dir: "auto" }, text);
}

const SVG = "http://www.w3.org/2000/svg";

// Drawn on a grid of 24, as lines.
const DRAWINGS = {
  attach: "M20 11.5l-8.2 8.2a5 5 0 0 1-7.1-7.1l8.6-8.6a3.3 3.3 0 0 1 4.7 4.7l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4l7.8-7.8",
  check: "M5 12.5l4.5 4.5L19 7.5",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.5V12l3 2",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h10v11H9zM5 15V4h10",
  down: "M12 5v14M6 13l6 6 6-6",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  edit: "M4 20l1-4L16.5 4.5l3 3L8 19z",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  menu: "M4 7h16M4 12h16M4 17h10",
  plus: "M12 5v14M5 12h14",
  reply: "M9 6l-5 5 5 5M4.5 11H14a6 6 0 0 1 6 6v1",
  room: "M9 4L7 20M17 4l-2 16M4.5 9h15.5M4 15h15.5",
  send: "M12 19V5M6 11l6-6 6 6",
  smile: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM8.5 14c.8 1.3 2 2 3.5 2s2.7-.7 3.5-2M9 9.5v.01M15 9.5v.01",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  warn: "M12 4l9 16H3zM12 10v4.5M12 17.2v.01",
};

/** One of our drawings. It says nothing to a screen reader: the button around it does. */
export function icon(drawing) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", DRAWINGS[drawing]);
  svg.append(path);
  return svg;
}
