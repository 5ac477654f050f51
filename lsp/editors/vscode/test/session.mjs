/** A session with the real program, as the extension holds one: started, asked, ended. */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const lsp = require("vscode-languageserver-protocol/node");

/** A package in a folder of its own, and the program that looks at it. */
export class Session {
  constructor(program, text) {
    this.folder = mkdtempSync(path.join(tmpdir(), "carapace-"));
    this.file = path.join(this.folder, "main.flow");
    writeFileSync(this.file, text);
    this.uri = pathToFileURL(this.file).href;
    this.text = text;
    this.version = 1;
    this.child = spawn(program, ["lsp"], { stdio: ["pipe", "pipe", "inherit"] });
    this.ended = new Promise((resolve) => this.child.on("exit", resolve));
    this.connection = lsp.createProtocolConnection(
      new lsp.StreamMessageReader(this.child.stdout),
      new lsp.StreamMessageWriter(this.child.stdin),
    );
    this.connection.onRequest(lsp.RegistrationRequest.type, () => {});
    this.connection.onRequest(lsp.DiagnosticRefreshRequest.type, () => {});
    this.connection.listen();
  }

  /** What the client can, as vscode-languageclient says it. */
  async open() {
    const answer = await this.ask(lsp.InitializeRequest.type, {
      processId: process.pid,
      rootUri: pathToFileURL(this.folder).href,
      workspaceFolders: [{ uri: pathToFileURL(this.folder).href, name: "package" }],
      capabilities: {
        textDocument: {
          diagnostic: { dynamicRegistration: true },
          completion: { completionItem: { snippetSupport: true } },
          codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix", "refactor"] } } },
          documentSymbol: { hierarchicalDocumentSymbolSupport: true },
          rename: { prepareSupport: true },
        },
        workspace: { workspaceEdit: { documentChanges: true } },
      },
    });
    await this.connection.sendNotification(lsp.InitializedNotification.type, {});
    await this.connection.sendNotification(lsp.DidOpenTextDocumentNotification.type, {
      textDocument: { uri: this.uri, languageId: "flow", version: this.version, text: this.text },
    });
    return answer.capabilities;
  }

  ask(type, params) {
    return this.connection.sendRequest(type, params);
  }

  get document() {
    return { uri: this.uri };
  }

  /** The place `plus` characters into the first `needle`. */
  at(needle, plus = 0) {
    const offset = this.text.indexOf(needle);
    if (offset < 0) throw new Error(`no \`${needle}\``);
    const before = this.text.slice(0, offset + plus).split("\n");
    return { line: before.length - 1, character: before[before.length - 1].length };
  }

  /** Types `now` where `then` stands. */
  async edit(then, now) {
    const range = { start: this.at(then), end: this.at(then, then.length) };
    this.text = this.text.replace(then, () => now);
    this.version += 1;
    await this.connection.sendNotification(lsp.DidChangeTextDocumentNotification.type, {
      textDocument: { uri: this.uri, version: this.version },
      contentChanges: [{ range, text: now }],
    });
  }

  /** The text with these edits made. */
  edited(edits) {
    const offset = ({ line, character }) =>
      this.text.split("\n").slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + character;
    const sorted = [...edits].sort((a, b) => offset(b.range.start) - offset(a.range.start));
    return sorted.reduce(
      (text, { range, newText }) => text.slice(0, offset(range.start)) + newText + text.slice(offset(range.end)),
      this.text,
    );
  }

  async close() {
    await this.ask(lsp.ShutdownRequest.type, undefined);
    await this.connection.sendNotification(lsp.ExitNotification.type);
    const code = await this.ended;
    this.connection.dispose();
    rmSync(this.folder, { recursive: true });
    return code;
  }
}

export { lsp };
