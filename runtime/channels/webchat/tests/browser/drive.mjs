// Runs one scenario against a WebChat that is served: `node drive.mjs SCENARIO URL`, with a name in `scenarios/` or a
// path. Whoever started it hears on standard output what the scenario wants of the server (`want: restart`), and answers
// each with a line.

import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { browse } from "./chat.mjs";

const [scenario, url] = process.argv.slice(2);
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Has the server do something, and waits until it is done. */
async function want(word) {
  process.stdout.write(`want: ${word}\n`);
  const { done, value } = await answers.next();
  if (done) throw new Error(`nobody does \`${word}\``);
  return value;
}

const browser = await browse();
let failure = null;
try {
  const file = scenario.endsWith(".mjs") ? pathToFileURL(scenario).href : `./scenarios/${scenario}.mjs`;
  const { run } = await import(file);
  await run({ browser, url, want });
} catch (error) {
  failure = error;
}
await browser.close();
if (failure !== null) process.stderr.write(`${failure.stack}\n`);
process.exit(failure === null ? 0 : 1);
