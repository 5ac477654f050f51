/** Lines for a shell that somebody else chose. */

/** A command line of these words, quoted where a shell would read more into them. */
export function shellLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w./:~@%+=-]+$/.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`)).join(" ");
}
