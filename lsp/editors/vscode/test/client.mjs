/**
 * The built extension with the client that it is delivered with, and the program given as the first argument: what VS Code would ask is
 * asked, with what the client says it can do.
 */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { Document, standIn } from "./vscode.mjs";

const require = createRequire(import.meta.url);

const FLOW = `channel chat: any

/// How often each person said hello.
state visits: Int = 0 by sender

/// Counts.
flow greet on chat.message
  where message.text contains "hello"
{
  set visits = visits + 1
  let name = ask("Who are you?") within 1h else { return }
  reply(words(visits))
}

/// In words.
fn words(count: Int) -> Text = "{count} times"
`;

const folder = mkdtempSync(path.join(tmpdir(), "carapace-"));
const file = path.join(folder, "main.flow");
writeFileSync(file, FLOW);
const { vscode, seen, fire } = standIn(folder, { path: process.argv[2] });
const extension = require("../out/extension.js");
const subscriptions = [];
await extension.activate({ subscriptions });
assert.match(seen.status.detail, /^carapace \d/, seen.log.join("\n"));
console.log("ok: the client starts the program");

const document = new Document(file, "flow", FLOW);
const token = new vscode.CancellationTokenSource().token;
seen.documents.push(document);
fire("onDidOpenTextDocument", document);

const at = (needle, plus = 0) => document.positionAt(document.text.indexOf(needle) + plus);
const whole = () => new vscode.Range(at("channel"), document.positionAt(document.text.length));

/** The one provider of that kind that is for the document. */
function provider(kind) {
  const all = [...(seen.providers[kind] ?? [])].filter(
    ({ selector }) => selector === undefined || vscode.languages.match(selector, document) > 0,
  );
  assert.equal(all.length, 1, `${kind}: ${Object.keys(seen.providers).join(" ")}`);
  return all[0].provider;
}

/** Types `now` where `then` stands. */
async function edit(then, now) {
  const start = document.text.indexOf(then);
  const range = new vscode.Range(document.positionAt(start), document.positionAt(start + then.length));
  document.text = document.text.replace(then, () => now);
  document.version += 1;
  const change = { range, rangeOffset: start, rangeLength: then.length, text: now };
  fire("onDidChangeTextDocument", { document, contentChanges: [change], reason: undefined });
}

/** The document's text with these edits made. */
function edited(edits) {
  const sorted = [...edits].sort((a, b) => document.offsetAt(b.range.start) - document.offsetAt(a.range.start));
  return sorted.reduce(
    (text, { range, newText }) =>
      text.slice(0, document.offsetAt(range.start)) + newText + text.slice(document.offsetAt(range.end)),
    document.text,
  );
}

/** Waits until something is so. */
async function until(what) {
  for (let turns = 0; turns < 2000; turns += 1) {
    const found = await what();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`it never is: ${what}`);
}

const steps = {
  async "names are shown, followed and renamed"() {
    const position = at("words(visits)", 3);
    const hover = await provider("Hover").provideHover(document, position, token);
    assert.match([hover.contents].flat().map(({ value }) => value).join("\n"), /In words/);
    assert.ok(hover.range.start instanceof vscode.Position);
    const definition = [await provider("Definition").provideDefinition(document, position, token)].flat();
    const place = definition[0].targetSelectionRange ?? definition[0].range;
    assert.deepEqual(place.start, at("fn words", 3));
    const references = await provider("Reference").provideReferences(document, position, { includeDeclaration: true }, token);
    assert.equal(references.length, 2);
    const rename = await provider("Rename").provideRenameEdits(document, position, "in_words", token);
    const [edits] = rename.files.values();
    assert.equal(edited(edits).match(/in_words/g).length, 2);
  },

  async "proposals have kinds, edits and gaps"() {
    const position = at("reply(words", 2);
    const found = await provider("CompletionItem").provideCompletionItems(document, position, token, { triggerKind: 0 });
    const reply = found.items.find(({ label }) => label === "reply");
    assert.ok(reply.insertText instanceof vscode.SnippetString || typeof reply.insertText === "string");
    assert.equal(reply.kind, vscode.CompletionItemKind.Method);
    assert.deepEqual((reply.range.inserting ?? reply.range).start, at("reply(words"));
    const resolved = await provider("CompletionItem").resolveCompletionItem(reply, token);
    assert.match(resolved.documentation.value, /\w/);
    const help = await provider("SignatureHelp").provideSignatureHelp(document, at("visits))"), token, { triggerKind: 1, isRetrigger: false });
    assert.match(help.signatures[0].label, /words\(count: Int\)/);
  },

  async "what is between the words is shown"() {
    const hints = await provider("InlayHints").provideInlayHints(document, whole(), token);
    const labels = hints.map(({ label }) => (typeof label === "string" ? label : label.map(({ value }) => value).join("")));
    assert.ok(labels.includes(": Text") && labels.includes(" waits"), labels.join(","));
    const tokens = await provider("DocumentSemanticTokens").provideDocumentSemanticTokens(document, token);
    assert.ok(tokens.data instanceof Uint32Array && tokens.data.length > 100 && tokens.data.length % 5 === 0);
    const lenses = await provider("CodeLens").provideCodeLenses(document, token);
    assert.ok(lenses.some(({ command }) => command.command === "carapace.showGraph"), JSON.stringify(lenses));
  },

  async "the file has an outline, folds and ranges"() {
    const symbols = await provider("DocumentSymbol").provideDocumentSymbols(document, token);
    assert.deepEqual(symbols.map(({ name }) => name), ["chat", "visits", "greet", "words"]);
    const known = await provider("WorkspaceSymbol").provideWorkspaceSymbols("gree", token);
    assert.deepEqual(known.map(({ name }) => name), ["greet"]);
    const folds = await provider("FoldingRange").provideFoldingRanges(document, {}, token);
    assert.ok(folds.length > 0 && folds.every(({ start, end }) => start < end));
    const [range] = await provider("SelectionRange").provideSelectionRanges(document, [at("visits + 1")], token);
    assert.ok(range.parent.range instanceof vscode.Range);
    const calls = await provider("CallHierarchy").prepareCallHierarchy(document, at("fn words", 4), token);
    const incoming = await provider("CallHierarchy").provideCallHierarchyIncomingCalls([calls].flat()[0], token);
    assert.deepEqual(incoming.map(({ from }) => from.name), ["greet"]);
  },

  async "the file is formatted"() {
    await edit("reply(words(visits))", "reply( words( visits ) )");
    const options = { tabSize: 2, insertSpaces: true };
    const edits = await provider("DocumentFormattingEdit").provideDocumentFormattingEdits(document, options, token);
    assert.equal(edited(edits), FLOW);
    await edit("reply( words( visits ) )", "reply(words(visits))");
  },

  async "mistakes are told, and mended"() {
    await edit("words(visits)", "wrods(visits)");
    const told = () => (seen.diagnostics.get(document.uri.toString()) ?? []).filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error);
    const [mistake] = await until(() => told().length > 0 && told());
    assert.deepEqual(mistake.range.start, at("wrods"));
    assert.match(String(mistake.code.value ?? mistake.code), /^E\d{4}$/);
    const context = { diagnostics: [mistake], triggerKind: 1, only: undefined };
    const actions = await provider("CodeActions").provideCodeActions(document, mistake.range, context, token);
    let fix = actions.find(({ kind }) => kind?.value.startsWith("quickfix"));
    if (fix.edit === undefined) fix = await provider("CodeActions").resolveCodeAction(fix, token);
    const [edits] = fix.edit.files.values();
    assert.ok(edited(edits).includes("reply(words(visits))"));
    await edit("wrods(visits)", "words(visits)");
    await until(() => told().length === 0);
  },

  async "what the client says of the program's failures is nothing"() {
    assert.deepEqual(seen.complaints, []);
    assert.deepEqual(seen.log.filter((line) => /^(error|warn)/.test(line)), []);
  },
};

for (const [name, step] of Object.entries(steps)) {
  try {
    await step();
  } catch (error) {
    console.error(`${name}: ${error.stack}\n${seen.log.join("\n")}`);
    process.exit(1);
  }
  console.log(`ok: ${name}`);
}
await extension.deactivate();
assert.ok([...Object.values(seen.providers)].every((all) => all.size === 0), "nothing is left behind");
rmSync(folder, { recursive: true });
console.log("ok: it ends when told to");
process.exit(0);
