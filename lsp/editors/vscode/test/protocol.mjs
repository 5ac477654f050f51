/** What the extension asks of the program given as the first argument, and what it makes of the answers. */

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { Session, lsp } from "./session.mjs";

const require = createRequire(import.meta.url);
const { Command, GraphRequest, TestsRequest, byFile, complaint, find, harmless, identity, locate, page, requests, shellLine, summary, surroundings, GraphFollower } =
  require("../out/protocol.js");

const manifest = require("../package.json");
const program = process.argv[2];

const FLOW = `channel chat: any

/// How often each person said hello.
state visits: Int = 0 by sender

/// Counts.
flow greet on chat.message
  where message.text contains "hello"
{
  set visits = visits + 1
  reply(words(visits))
}

/// In words.
fn words(count: Int) -> Text = "{count} times"

test "counted" {
  when chat.message("hello", from: "ana")
  expect chat.said("1 times")
}

test "wrong" {
  when chat.message("hello", from: "ana")
  expect chat.said("2 times")
}
`;

const steps = {
  async "the program is found and asked"() {
    const found = await find(program, surroundings(undefined));
    assert.equal(found.kind, "found");
    assert.match(found.version, /^carapace \d/);
    assert.equal(complaint(found), undefined);
    const missing = await find("no-such-carapace", surroundings(undefined));
    assert.match(complaint(missing), /`no-such-carapace` is not there/);
    const other = await find(process.execPath, surroundings(undefined));
    assert.match(complaint(other), /no language server/);
    const where = { path: "", windows: false, home: "/nowhere", folder: undefined };
    assert.equal(locate("carapace", where), undefined);
  },

  async "mistakes are told, and mended"(session) {
    await session.edit("words(visits)", "wrods(visits)");
    const told = await session.ask(lsp.DocumentDiagnosticRequest.type, { textDocument: session.document });
    assert.equal(told.items.length, 1, JSON.stringify(told));
    const [mistake] = told.items;
    assert.match(String(mistake.code), /^E\d{4}$/);
    assert.deepEqual(mistake.range.start, session.at("wrods"));
    const actions = await session.ask(lsp.CodeActionRequest.type, {
      textDocument: session.document,
      range: mistake.range,
      context: { diagnostics: [mistake] },
    });
    const fix = actions.find((action) => action.kind === "quickfix");
    assert.ok(fix, JSON.stringify(actions));
    const edits = fix.edit.documentChanges?.[0]?.edits ?? fix.edit.changes[session.uri];
    assert.ok(session.edited(edits).includes("reply(words(visits))"));
    await session.edit("wrods(visits)", "words(visits)");
    const mended = await session.ask(lsp.DocumentDiagnosticRequest.type, { textDocument: session.document });
    assert.deepEqual(mended.items, []);
  },

  async "names are completed, shown, followed and renamed"(session) {
    const position = session.at("words(visits)", 3);
    const asked = { textDocument: session.document, position };
    const completion = await session.ask(lsp.CompletionRequest.type, asked);
    const items = Array.isArray(completion) ? completion : completion.items;
    assert.ok(items.some((item) => item.label === "words"), items.map((item) => item.label).join(" "));
    const hover = await session.ask(lsp.HoverRequest.type, asked);
    assert.match(JSON.stringify(hover.contents), /In words/);
    const definition = [await session.ask(lsp.DefinitionRequest.type, asked)].flat();
    const target = definition[0].targetSelectionRange ?? definition[0].range;
    assert.equal(target.start.line, session.at("fn words").line);
    const renamed = await session.ask(lsp.RenameRequest.type, { ...asked, newName: "in_words" });
    const edits = renamed.documentChanges?.[0]?.edits ?? renamed.changes[session.uri];
    assert.equal(session.edited(edits).match(/in_words/g).length, 2);
  },

  async "words have meanings that the extension describes"(session, capabilities) {
    const { legend } = capabilities.semanticTokensProvider;
    const described = manifest.contributes.semanticTokenModifiers.map(({ id }) => id);
    const standard = Object.values(lsp.SemanticTokenModifiers);
    for (const modifier of legend.tokenModifiers) {
      assert.ok(standard.includes(modifier) || described.includes(modifier), modifier);
    }
    const types = Object.values(lsp.SemanticTokenTypes);
    for (const type of legend.tokenTypes) assert.ok(types.includes(type), type);
    for (const type of Object.keys(manifest.contributes.semanticTokenScopes[0].scopes)) {
      assert.ok(legend.tokenTypes.includes(type), type);
    }
    const { data } = await session.ask(lsp.SemanticTokensRequest.type, { textDocument: session.document });
    assert.ok(data.length % 5 === 0 && data.length > 100, String(data.length));
  },

  async "the file is formatted"(session) {
    await session.edit("reply(words(visits))", "reply( words( visits ) )");
    const options = { tabSize: 2, insertSpaces: true };
    const edits = await session.ask(lsp.DocumentFormattingRequest.type, { textDocument: session.document, options });
    assert.equal(session.edited(edits), FLOW);
    await session.edit("reply( words( visits ) )", "reply(words(visits))");
  },

  async "the flow at the cursor is a picture"(session) {
    const at = (needle) => ({ textDocument: session.document, position: session.at(needle) });
    const shown = [];
    let calledOff = 0;
    const later = (_, then) => {
      const timer = setTimeout(then, 0);
      return () => {
        calledOff += 1;
        clearTimeout(timer);
      };
    };
    const follower = new GraphFollower({
      ask: (where) => session.ask(GraphRequest, where),
      show: (picture) => shown.push(picture),
      failed: (error) => {
        throw error;
      },
      later,
    });
    for (const step of ["flow greet", "where", "set visits"]) follower.moved(at(step));
    assert.equal(calledOff, 2, "what was overtaken is not asked");
    while (shown.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(shown.length, 1);
    assert.equal(shown[0].name, "greet");
    assert.match(shown[0].svg, /<svg/);
    assert.match(shown[0].mermaid, /flowchart|graph/);
    await follower.ask(at("channel chat"));
    assert.equal(shown[1], null);
    const html = page(shown[0], "nonce");
    assert.match(html, /script-src 'nonce-nonce'/);
    assert.match(html, /<svg/);
    assert.equal(harmless('<svg onload="x()"><script>y()</script></svg>'), "<svg></svg>");
  },

  async "tests are listed and run"(session) {
    const tests = await session.ask(TestsRequest, {});
    const own = byFile(tests).find((file) => file.uri === session.uri);
    assert.deepEqual(own.tests.map((test) => test.title), ["counted", "wrong"]);
    assert.equal(own.tests[0].range.start.line, session.at('test "counted"').line);
    const all = requests(own.tests, own.tests);
    assert.deepEqual(all.map((one) => one.run), [{ uri: session.uri }]);
    const one = requests([own.tests[1]], own.tests);
    assert.deepEqual(one.map((request) => request.run), [{ uri: session.uri, title: "wrong" }]);
    const run = (command, what) =>
      session.ask(lsp.ExecuteCommandRequest.type, { command, arguments: [what] });
    const outcomes = await run(Command.runAllTests, all[0].run);
    assert.deepEqual(outcomes.map((outcome) => outcome.passed), [true, false]);
    assert.equal(identity(outcomes[0]), identity(own.tests[0]));
    assert.match(outcomes[1].message, /2 times/);
    assert.equal(outcomes[1].location.range.start.line, session.at('expect chat.said("2 times")').line);
    assert.equal(summary(outcomes), "1 of 2 failed: “wrong”");
    const single = await run(Command.runTest, { uri: session.uri, title: "counted" });
    assert.deepEqual(single.map((outcome) => outcome.title), ["counted"]);
  },

  async "lenses name only commands that there are"(session, capabilities) {
    const lenses = await session.ask(lsp.CodeLensRequest.type, { textDocument: session.document });
    const known = Object.values(Command);
    for (const lens of lenses) assert.ok(known.includes(lens.command.command), lens.command.command);
    const named = new Set(lenses.map((lens) => lens.command.command));
    for (const wanted of [Command.runTest, Command.runAllTests, Command.showGraph]) assert.ok(named.has(wanted), wanted);
    for (const served of capabilities.executeCommandProvider.commands) assert.ok(known.includes(served), served);
    const graph = lenses.find((lens) => lens.command.command === Command.showGraph).command.arguments[0];
    assert.equal(graph.uri, session.uri);
    assert.equal(typeof graph.position.line, "number");
    assert.equal(shellLine(["a b", "runs", "it's"]), `'a b' runs 'it'\\''s'`);
  },
};

const session = new Session(program, FLOW);
const capabilities = await session.open();
for (const [name, step] of Object.entries(steps)) {
  try {
    await step(session, capabilities);
  } catch (error) {
    console.error(`${name}: ${error.stack}`);
    process.exit(1);
  }
  console.log(`ok: ${name}`);
}
assert.equal(await session.close(), 0, "it ends when told to");
console.log("ok: it ends when told to");
