/**
 * Starts the built extension in a stand-in for VS Code: it loads, and where there is no program it says so and offers ways out. That
 * every command it shows has something behind it is looked at, too.
 */

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { standIn } from "./vscode.mjs";

const require = createRequire(import.meta.url);
const manifest = require("../package.json");

const { seen } = standIn("/nowhere", { path: "no-such-carapace" });
const extension = require("../out/extension.js");
const subscriptions = [];
await extension.activate({ subscriptions });

assert.equal(seen.status.text, "Carapace: no program");
assert.match(seen.status.detail, /`no-such-carapace` is not there/);
assert.equal(seen.status.command.command, "carapace.choosePath");
assert.equal(seen.complaints.length, 1);
assert.ok(seen.complaints[0].length === 3, "two ways out are offered");
for (const { command } of manifest.contributes.commands) assert.ok(seen.commands.has(command), `${command} does nothing`);
await extension.deactivate();
for (const subscription of subscriptions) subscription.dispose();
console.log("ok");
process.exit(0);
