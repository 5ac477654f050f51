// What the browser keeps for this page between visits: the session's secret, read marks, drafts, what is not sent yet.

/** Where everything is, from where this file came from: `…/webchat/assets/HASH/script/store.js`. */
export const BASE = new URL("../../../", import.meta.url);

// Two WebChats may be served by one origin.
const PREFIX = `carapace:${BASE.pathname}:`;

const memory = new Map();
const storage = usable();

// A browser may refuse, above all where the page stands in another site's frame; then it lasts as long as the page.
function usable() {
  try {
    const storage = window.localStorage;
    storage.setItem(`${PREFIX}probe`, "1");
    storage.removeItem(`${PREFIX}probe`);
    return storage;
  } catch {
    return null;
  }
}

export const store = {
  /** Whether it is still there at the next visit. */
  lasting: storage !== null,

  get(key, otherwise = null) {
    const text = memory.get(key) ?? read(key);
    if (text === null) return otherwise;
    try {
      return JSON.parse(text);
    } catch {
      return otherwise;
    }
  },

  set(key, value) {
    const text = JSON.stringify(value);
    try {
      if (storage === null) throw new Error("no storage");
      storage.setItem(PREFIX + key, text);
      memory.delete(key);
    } catch {
      // Refused or full.
      memory.set(key, text);
    }
  },

  remove(key) {
    memory.delete(key);
    storage?.removeItem(PREFIX + key);
  },

  /** The keys that begin with `prefix`. */
  keys(prefix) {
    const kept = storage === null ? [] : Object.keys(storage);
    const own = kept.filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
    return [...new Set([...own, ...memory.keys()])].filter((key) => key.startsWith(prefix));
  },

  /** Tells what another tab did to a key. */
  watch(heard) {
    window.addEventListener("storage", (event) => {
      if (event.key?.startsWith(PREFIX)) heard(event.key.slice(PREFIX.length), event.newValue !== null);
    });
  },

  /** Throws everything away. */
  clear() {
    for (const key of this.keys("")) this.remove(key);
  },
};

function read(key) {
  try {
    return storage === null ? null : storage.getItem(PREFIX + key);
  } catch {
    return null;
  }
}

/** A name of something we ask for: nobody guesses it, and asked again it is the same thing. */
export function freshId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `c-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
