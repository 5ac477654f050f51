/**
 * Starts the built extension in a stand-in for VS Code: it loads, and where there is no program it says so and offers ways out. That
 * every command it shows has something behind it is looked at, too.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import Module from "node:module";

const require = createRequire(import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

const registered = new Set();
const complaints = [];
const status = {};

/** Anything that is asked for and not known: a class, a function, a value. */
const anything = () =>
  new Proxy(class {}, {
    get: (target, name) => (name in target || typeof name === "symbol" ? target[name] : (target[name] = anything())),
    apply: () => anything(),
  });

const known = {
  commands: {
    registerCommand: (name) => {
      assert.ok(!registered.has(name), `${name} is registered twice`);
      registered.add(name);
      return { dispose: () => registered.delete(name) };
    },
  },
  window: {
    createOutputChannel: () => ({ error: () => {}, info: () => {}, warn: () => {}, dispose: () => {} }),
    showErrorMessage: async (...words) => void complaints.push(words),
  },
  languages: { createLanguageStatusItem: () => Object.assign(status, { dispose: () => {} }) },
  workspace: {
    getConfiguration: () => ({ get: (name, otherwise) => (name === "path" ? "no-such-carapace" : otherwise) }),
    workspaceFolders: undefined,
  },
};

const within = (part) =>
  new Proxy(part, {
    get: (target, name) => {
      if (name in target) return target[name];
      if (typeof name === "string" && /^on[A-Z]/.test(name)) return () => ({ dispose: () => {} });
      return (target[name] = anything());
    },
  });
const types = readFileSync(require.resolve("@types/vscode/index.d.ts"), "utf8");
const names = [...types.matchAll(/^\texport (?:class|enum|namespace) (\w+)/gm)].map(([, name]) => name);
const vscode = Object.fromEntries(names.map((name) => [name, name in known ? within(known[name]) : anything()]));

const load = Module._load;
Module._load = (name, ...rest) => (name === "vscode" ? vscode : load(name, ...rest));
const extension = require("../out/extension.js");
const subscriptions = [];
await extension.activate({ subscriptions });

assert.equal(status.text, "Carapace: no program");
assert.match(status.detail, /`no-such-carapace` is not there/);
assert.equal(status.command.command, "carapace.choosePath");
assert.equal(complaints.length, 1);
assert.ok(complaints[0].length === 3, "two ways out are offered");
for (const { command } of manifest.contributes.commands) assert.ok(registered.has(command), `${command} does nothing`);
await extension.deactivate();
for (const subscription of subscriptions) subscription.dispose();
console.log("ok");
process.exit(0);
