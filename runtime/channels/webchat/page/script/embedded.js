// When the page stands in the widget's frame on another site: what the two tell each other. Nothing in it is secret:
// how many messages are unread, and that the person wants to close the chat.

const framed = window.parent !== window && location.hash === "#widget";

const listeners = new Set();

export const embedded = {
  /** Whether the widget shows this page. */
  framed,
  /** Whether the widget is open. */
  shown: !framed,

  /** Tells `(shown, focus)` when the widget is opened or closed, and whether the person wants to write now. */
  watch(listener) {
    listeners.add(listener);
  },

  /** The page is there. */
  ready() {
    tell({ kind: "ready" });
  },

  /** So many messages are unread. */
  unread(count) {
    tell({ kind: "unread", count });
  },

  /** The person wants to close the chat. */
  close() {
    tell({ kind: "close" });
  },
};

function tell(message) {
  // Whose site this is, the page does not know for sure; that it is one of those allowed, the browser saw to.
  if (framed) window.parent.postMessage({ carapace: "webchat", ...message }, "*");
}

if (framed) {
  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || event.data?.carapace !== "webchat") return;
    if (event.data.kind === "shown") {
      embedded.shown = event.data.shown === true;
      for (const listener of listeners) listener(embedded.shown, event.data.focus === true);
    }
  });
}
