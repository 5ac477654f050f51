// A WebChat page in a browser, as a person uses it. Works with any WebChat: what is specific to a bot stands in
// the scenarios.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";

/** How long anything may take. */
export const PATIENCE = 30_000;

/**
 * Starts the browser; `CHROMIUM` is its program, `CARAPACE_PEERS` the folder into which npm put playwright-core. With
 * `{ storage: "refused" }`, pages in other sites' frames can keep nothing.
 */
export async function browse({ storage = "kept" } = {}) {
  const require = createRequire(path.join(process.env.CARAPACE_PEERS, "package.json"));
  const { chromium } = require("playwright-core");
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"];
  // Playwright's own list turns partitioned storage off, which every browser has that people use; the last list counts.
  if (storage === "kept") args.push("--disable-features=HttpsUpgrades,PaintHolding,OptimizationHints");
  return chromium.launch({ executablePath: process.env.CHROMIUM, args });
}

/** The devices that pages are looked at on. */
export const DESK = { viewport: { width: 1180, height: 780 } };
export const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };

/** Waits until `probe` gives something true, and gives that. */
export async function until(what, probe) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const found = await probe();
    if (found) return found;
    assert.ok(Date.now() < end, `in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** A page that is open. `page` is Playwright's, or a frame in another site's page. */
export class Chat {
  constructor(page, frame = page) {
    this.page = page;
    this.frame = frame;
    this.composer = frame.locator(".composer textarea");
    this.messages = frame.locator(".log article");
    this.banner = frame.locator(".banner");
  }

  /** Opens the page at `url` in a browser context; `trouble` collects what the browser complains about. */
  static async open(context, url) {
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    const chat = new Chat(page);
    chat.trouble = watch(page);
    await page.goto(url);
    await chat.ready();
    return chat;
  }

  /** Waits until the server welcomed the page. */
  async ready() {
    await this.composer.waitFor();
    await until("a welcome", () =>
      this.frame
        .locator(".sidebar .profile .words")
        .textContent()
        .catch(() => ""),
    );
  }

  /** Says something as at a keyboard. */
  async say(text) {
    await this.composer.fill(text);
    await this.composer.press("Enter");
  }

  /** The message that contains `text`; waits for it. */
  async message(text) {
    const found = this.messages.filter({ hasText: text }).last();
    await found.waitFor();
    return found;
  }

  /** Waits until the person's own message is acknowledged. */
  async sent(text) {
    await this.frame.locator("li.mine:not(.unsent)", { hasText: text }).last().waitFor();
  }

  /** Presses the choice with a label. */
  async choose(label) {
    await this.frame.locator(".choice:not(:disabled)", { hasText: label }).last().click();
  }

  /** Opens the menu of the last message that contains `text`: of the person's own, or of others'. */
  async menu(text, whose = "theirs") {
    const message = this.frame.locator(`li.${whose} article`, { hasText: text }).last();
    await message.hover();
    await message.locator(".tool.menu").click();
    await this.frame.locator("dialog.menu").waitFor();
    return this.frame.locator("dialog.menu");
  }

  /** The texts of all messages, oldest first. */
  async texts() {
    return this.frame.locator(".log .bubble").evaluateAll((nodes) => nodes.map((node) => node.innerText));
  }

  /** What is shown, without what only stands there for a while. */
  async standing() {
    return this.frame.locator(".log").evaluate((log) => {
      const copy = log.cloneNode(true);
      for (const node of copy.querySelectorAll(".line.new, .tools, .typing, .preview, .file")) node.remove();
      for (const node of copy.querySelectorAll("*")) {
        for (const { name } of [...node.attributes])
          if (name !== "class" && name !== "aria-pressed") node.removeAttribute(name);
        node.classList.remove("found");
      }
      return copy.outerHTML;
    });
  }

  /** The conversations in the list, as their titles. */
  conversation(title) {
    return this.frame.locator(".conversation", { hasText: title });
  }

  /** The page again, as after F5. */
  async reload() {
    await this.page.reload();
    await this.ready();
  }

  /** A picture of it, where somebody wants to look. */
  async shoot(name) {
    await shoot(this.page, name);
  }
}

/** A picture of a page in the folder `SHOTS`, if that is set. */
export async function shoot(page, name) {
  const folder = process.env.SHOTS;
  if (!folder) return;
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
  // What moves, moves to its end first.
  await page.evaluate(() => {
    const ending = document.getAnimations().filter((one) => one.effect.getTiming().iterations !== Infinity);
    return Promise.all(ending.map((one) => one.finished.catch(() => {})));
  });
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}

/** Everything a browser complains about: errors in scripts, refused policies. */
export function watch(page) {
  const trouble = [];
  page.on("pageerror", (error) => trouble.push(`error: ${error.stack}`));
  page.on("console", (message) => message.type() === "error" && trouble.push(`console: ${message.text()}`));
  return trouble;
}

/** Nothing was complained about, but for what matches one of `expected`. */
export function untroubled({ trouble }, ...expected) {
  const left = trouble.filter((line) => !expected.some((pattern) => pattern.test(line)));
  assert.deepEqual(left, []);
}
