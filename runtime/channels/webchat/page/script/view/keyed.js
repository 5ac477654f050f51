// A list that is drawn again and again, of which only what changed is made anew.

export class Keyed {
  #list;
  /** Nodes by key, with what they were made of. */
  #nodes = new Map();

  constructor(list) {
    this.#list = list;
  }

  /** The node with a key, if it is there. */
  get(key) {
    return this.#nodes.get(key)?.node;
  }

  clear() {
    this.#nodes.clear();
    this.#list.replaceChildren();
  }

  /**
   * Makes the list what `items` say, in their order: each is `{ key, stamp, build }`, and what has the same key and
   * stamp as before is left as it is.
   */
  place(items) {
    const left = new Map(this.#nodes);
    let before = this.#list.firstChild;
    for (const { key, stamp, build } of items) {
      const known = left.get(key);
      left.delete(key);
      let node = known?.node;
      if (known === undefined || known.stamp !== stamp) {
        const old = node;
        node = build();
        node.dataset.key = key;
        if (old?.parentNode) {
          if (old === before) before = node;
          old.replaceWith(node);
        }
        this.#nodes.set(key, { node, stamp });
      }
      if (node === before) before = before.nextSibling;
      else this.#list.insertBefore(node, before);
    }
    for (const [key, { node }] of left) {
      node.remove();
      this.#nodes.delete(key);
    }
  }
}
