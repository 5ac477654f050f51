/**
 * Colours flows with the TextMate grammar as VS Code does. Reads one JSON object a line: `{ name, text, words }`, where `words`
 * are `[line, column, length, kind]` with the kind that the compiler's side knows (`keyword`, `name`). Writes one line for each
 * word that looks otherwise, and at the end how many were seen.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { INITIAL, Registry, parseRawGrammar } = require("vscode-textmate");
const { OnigScanner, OnigString, loadWASM } = require("vscode-oniguruma");

const here = path.dirname(fileURLToPath(import.meta.url));
await loadWASM(readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")).buffer);
const registry = new Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (patterns) => new OnigScanner(patterns),
    createOnigString: (text) => new OnigString(text),
  }),
  loadGrammar: async (scope) => {
    if (scope !== "source.flow") return null;
    const file = path.join(here, "../syntaxes/flow.tmLanguage.json");
    return parseRawGrammar(readFileSync(file, "utf8"), file);
  },
});
const grammar = await registry.loadGrammar("source.flow");

const KEYWORD = /(^| )(keyword|storage|constant\.language)\S*$/;
let seen = 0;

/** The scopes of each character of a text, by line. */
function colour(text) {
  let state = INITIAL;
  return text.split("\n").map((line) => {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    return tokens;
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  const { name, text, words } = JSON.parse(line);
  const lines = colour(text);
  for (const [row, column, length, kind] of words) {
    seen += 1;
    const token = lines[row].find((one) => one.startIndex <= column && column < one.endIndex);
    const scopes = token.scopes.join(" ");
    const word = text.split("\n")[row].slice(column, column + length);
    const looks = KEYWORD.test(scopes);
    const whole = token.startIndex <= column && column + length <= token.endIndex;
    const unscoped = token.scopes.length < 2;
    if (unscoped || !whole || looks !== (kind === "keyword")) {
      console.log(`${name}:${row + 1}: \`${word}\` is a ${kind} and looks like ${scopes}`);
    }
  }
  // Texts, comments and numbers.
  text.split("\n").forEach((content, row) => {
    for (const token of lines[row]) {
      const part = content.slice(token.startIndex, token.endIndex).trim();
      if (part !== "" && token.scopes.length < 2) console.log(`${name}:${row + 1}: \`${part}\` has no colour`);
    }
  });
}
console.log(`seen: ${seen}`);
