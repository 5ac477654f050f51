/**
 * A stand-in for VS Code, in which the built extension runs with the client that it is delivered with: what the client registers is kept,
 * so that a test may ask it as VS Code would. Values (places, hovers, proposals, …) are made of what VS Code's own types say of their
 * constructors; what nobody here looks at is anything.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import Module from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const types = readFileSync(require.resolve("@types/vscode/index.d.ts"), "utf8");

/** Anything that is asked for and not known: a class, a function, a value. */
const anything = () =>
  new Proxy(class {}, {
    get: (target, name) => (name in target || typeof name === "symbol" ? target[name] : (target[name] = anything())),
    apply: () => anything(),
  });

/** What stands between the braces of a declaration. */
function body(keyword, name) {
  const start = types.search(new RegExp(`^\\texport ${keyword} ${name}\\b`, "m"));
  return start < 0 ? "" : types.slice(start, types.indexOf("\n\t}", start));
}

/** Fields that are not called what the parameter of the constructor is called. */
const FIELDS = { "CallHierarchyIncomingCall.item": "from", "CallHierarchyOutgoingCall.item": "to" };

/** A class whose constructor keeps what it is handed, under the names that its parameters have. */
function record(name) {
  const [, list] = body("class", name).match(/^\t\tconstructor\((.*)\);/m) ?? [];
  const parameters = [...(list ?? "").matchAll(/(?:^|, )(\w+)\??: /g)];
  const names = parameters.map(([, parameter]) => FIELDS[`${name}.${parameter}`] ?? parameter);
  return { [name]: class { constructor(...values) { names.forEach((field, at) => (this[field] = values[at])); } } }[name];
}

/** The numbers of an enumeration. */
function enumeration(name) {
  const members = [...body("enum", name).matchAll(/^\t\t(\w+) = (-?\d+)/gm)];
  return Object.fromEntries(members.map(([, member, value]) => [member, Number(value)]));
}

class Disposable {
  constructor(end) {
    this.dispose = () => end?.();
  }
  static from(...all) {
    return new Disposable(() => all.forEach((one) => one.dispose()));
  }
}

class EventEmitter {
  listeners = new Set();
  event = (listener, self, all) => {
    const bound = self === undefined ? listener : listener.bind(self);
    this.listeners.add(bound);
    const end = new Disposable(() => this.listeners.delete(bound));
    all?.push(end);
    return end;
  };
  fire(event) {
    for (const listener of [...this.listeners]) listener(event);
  }
  dispose() {
    this.listeners.clear();
  }
}

class CancellationTokenSource {
  emitter = new EventEmitter();
  token = { isCancellationRequested: false, onCancellationRequested: this.emitter.event };
  cancel() {
    this.token.isCancellationRequested = true;
    this.emitter.fire();
  }
  dispose() {}
}

class Position {
  constructor(line, character) {
    Object.assign(this, { line, character });
  }
}

class Range {
  constructor(...places) {
    const [a, b, c, d] = places;
    [this.start, this.end] = places.length === 2 ? [a, b] : [new Position(a, b), new Position(c, d)];
  }
}

class Location {
  constructor(uri, place) {
    Object.assign(this, { uri, range: place instanceof Position ? new Range(place, place) : place });
  }
}

class Uri {
  constructor(text) {
    this.text = text;
    this.scheme = text.split(":")[0];
    this.path = this.scheme === "file" ? new URL(text).pathname : text;
    this.fsPath = this.scheme === "file" ? fileURLToPath(text) : text;
  }
  static parse(text) {
    return new Uri(text);
  }
  static file(file) {
    return new Uri(pathToFileURL(file).href);
  }
  toString() {
    return this.text;
  }
}

class CodeActionKind {
  constructor(value) {
    this.value = value;
  }
  append(part) {
    return new CodeActionKind(this.value === "" ? part : `${this.value}.${part}`);
  }
}
for (const [, name] of body("class", "CodeActionKind").matchAll(/static readonly (\w+):/g)) {
  // `RefactorExtract` is `refactor.extract`, `QuickFix` is `quickfix`.
  const words = { Empty: "", QuickFix: "quickfix", SourceOrganizeImports: "source.organizeImports", SourceFixAll: "source.fixAll" };
  const dotted = name.replace(/(?!^)[A-Z]/g, (letter) => `.${letter}`).toLowerCase();
  CodeActionKind[name] = new CodeActionKind(words[name] ?? dotted);
}

class WorkspaceEdit {
  files = new Map();
  set(uri, edits) {
    this.files.set(uri.toString(), edits);
  }
}

/** A file that is open. */
export class Document {
  constructor(file, languageId, text) {
    Object.assign(this, { uri: Uri.file(file), fileName: file, languageId, text, version: 1, isClosed: false });
  }
  getText() {
    return this.text;
  }
  get lineCount() {
    return this.text.split("\n").length;
  }
  positionAt(offset) {
    const before = this.text.slice(0, offset).split("\n");
    return new Position(before.length - 1, before[before.length - 1].length);
  }
  offsetAt({ line, character }) {
    return this.text.split("\n").slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + character;
  }
}

/** Whether a document is one of those that are meant. */
function matches(selector, document) {
  return [selector].flat().some((filter) => {
    const pattern = typeof filter.pattern === "string" ? filter.pattern : filter.pattern?.pattern;
    const fits = pattern === undefined || document.fileName.endsWith(pattern.replace("**", ""));
    return fits && [undefined, "*", document.languageId].includes(filter.language) && [undefined, document.uri.scheme].includes(filter.scheme);
  });
}

/** VS Code with this folder and these settings. */
export function standIn(folder, settings) {
  const emitters = {};
  const seen = { providers: {}, diagnostics: new Map(), commands: new Map(), status: {}, complaints: [], log: [], documents: [] };
  const note = (level) => (...words) => void seen.log.push([level, ...words].join(" "));
  const within = (part) =>
    new Proxy(part, {
      get: (target, name) => {
        if (name in target || typeof name === "symbol") return target[name];
        if (/^on[A-Z]/.test(name)) return (emitters[name] ??= new EventEmitter()).event;
        const kind = name.match(/^register(\w+)Provider$/)?.[1];
        if (kind === undefined) return (target[name] = anything());
        return (...given) => {
          // Before the provider stands for which documents it is; symbols of the workspace are for none.
          const [selector, provider] = kind === "WorkspaceSymbol" ? [undefined, ...given] : given;
          const made = { selector, provider };
          (seen.providers[kind] ??= new Set()).add(made);
          return new Disposable(() => seen.providers[kind].delete(made));
        };
      },
    });
  const collection = () => ({
    set: (uri, found) => seen.diagnostics.set(uri.toString(), found),
    delete: (uri) => seen.diagnostics.delete(uri.toString()),
    clear: () => seen.diagnostics.clear(),
    has: (uri) => seen.diagnostics.has(uri.toString()),
    dispose: () => {},
  });
  const root = { uri: Uri.file(folder), name: path.basename(folder), index: 0 };
  const known = {
    Disposable, EventEmitter, CancellationTokenSource, Position, Range, Location, Uri, CodeActionKind, WorkspaceEdit,
    CancellationError: class CancellationError extends Error {},
    version: "1.91.0",
    env: within({ language: "en", appName: "VS Code" }),
    commands: within({
      registerCommand: (name, run) => {
        assert.ok(!seen.commands.has(name), `${name} is registered twice`);
        seen.commands.set(name, run);
        return new Disposable(() => seen.commands.delete(name));
      },
    }),
    languages: within({
      match: (selector, document) => (matches(selector, document) ? 10 : 0),
      createDiagnosticCollection: collection,
      createLanguageStatusItem: () => Object.assign(seen.status, { dispose: () => {} }),
    }),
    window: within({
      createOutputChannel: () => within({ error: note("error"), warn: note("warn"), info: note("info"), logLevel: 3, dispose: () => {} }),
      showErrorMessage: async (...words) => void seen.complaints.push(words),
      visibleTextEditors: [],
      activeTextEditor: undefined,
      tabGroups: within({ all: [] }),
    }),
    workspace: within({
      textDocuments: seen.documents,
      notebookDocuments: [],
      workspaceFolders: [root],
      getWorkspaceFolder: () => root,
      getConfiguration: () => ({ get: (name, otherwise) => settings[name] ?? otherwise, has: () => false }),
      createFileSystemWatcher: () => within({ dispose: () => {} }),
    }),
  };
  const declared = [...types.matchAll(/^\texport (class|enum|namespace) (\w+)/gm)];
  const made = declared.map(([, kind, name]) => {
    if (kind === "enum") return [name, enumeration(name)];
    return [name, kind === "class" ? record(name) : within({})];
  });
  const vscode = { ...Object.fromEntries(made), ...known };
  const load = Module._load;
  Module._load = (name, ...rest) => (name === "vscode" ? vscode : load(name, ...rest));
  return { vscode, seen, fire: (name, event) => emitters[name]?.fire(event) };
}
