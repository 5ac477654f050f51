// The widget on pages of other sites: one that may show the chat, and one that may not.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { browse, Chat, DESK, PHONE, PATIENCE, shoot, until, untroubled, watch } from "../chat.mjs";

export async function run({ browser, url }) {
  const site = await serve(url);
  const { port } = site.address();
  // Served by one machine, but two sites to a browser: only `localhost` may frame the chat.
  const allowed = `http://localhost:${port}`;
  const foreign = `http://127.0.0.1:${port}`;
  try {
    await shown(browser, url, allowed);
    await phone(browser, allowed);
    await refused(browser, foreign);
    await forgetful(allowed);
  } finally {
    site.closeAllConnections();
    site.close();
  }
}

// A site with styles and a policy of its own that both would get in the way of a careless widget.
function serve(url) {
  const origin = new URL(url).origin;
  const page = (name) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop ${name}</title>
    <meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/site.css">
    <h1>A shop</h1><p>Teapots of all sizes.</p><p><a href="/second">Second page</a></p><input id="search" aria-label="Search">
    <script src="${url}widget.js" data-title="Help" data-color="#7a3e9d"></script></html>`;
  const style = `* { all: revert; } body { font: 18px Georgia, serif; margin: 60px; } button, div, span, iframe { display: none !important; }`;
  const policy = `default-src 'none'; script-src ${origin}; frame-src ${origin}; style-src 'self'`;
  const server = createServer((request, response) => {
    const isStyle = request.url === "/site.css";
    response.setHeader("content-type", isStyle ? "text/css" : "text/html");
    if (!isStyle) response.setHeader("content-security-policy", policy);
    response.end(isStyle ? style : page(request.url));
  });
  return new Promise((resolve) => server.listen(0, () => resolve(server)));
}

// The widget keeps its nodes to itself, so it is found as a person finds it: where it is on the screen.
async function bubble(page) {
  const { width, height } = page.viewportSize();
  return { x: width - 50, y: height - 50 };
}

async function press(page) {
  const { x, y } = await bubble(page);
  await page.mouse.click(x, y);
}

function isOpen(page) {
  return page.evaluate(
    () => document.elementFromPoint(innerWidth - 180, innerHeight - 300)?.localName === "carapace-chat",
  );
}

async function chatFrame(page) {
  return until("the chat's frame", () => page.frames().find((frame) => frame.url().endsWith("#widget")));
}

async function shown(browser, url, site) {
  const context = await browser.newContext({ ...DESK, colorScheme: "light" });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const trouble = watch(page);
  const sockets = [];
  page.on("websocket", (socket) => sockets.push(socket.url()));
  await page.goto(site);
  await page.locator("carapace-chat").waitFor({ state: "attached" });
  assert.equal(page.frames().length, 1, "nothing is loaded before somebody wants it");
  const globals = await page.evaluate(() => {
    const clean = document.createElement("iframe");
    document.body.append(clean);
    const known = new Set(Object.getOwnPropertyNames(clean.contentWindow));
    clean.remove();
    return Object.getOwnPropertyNames(window).filter((name) => !known.has(name) && !/^\d+$/.test(name));
  });
  assert.deepEqual(
    globals.filter((name) => name !== "search" && !name.startsWith("__")),
    ["CarapaceChat"],
  );
  await shoot(page, "widget-closed");

  await press(page);
  const chat = Object.assign(new Chat(page, await chatFrame(page)), { trouble });
  await chat.ready();
  await until("the field has the focus", () => chat.composer.evaluate((node) => node === document.activeElement));
  await page.keyboard.type("From a shop");
  await page.keyboard.press("Enter");
  await chat.message("You said: From a shop");
  await chat.say("choices");
  await chat.choose("Tea");
  await chat.message("You chose Tea");
  await shoot(page, "widget-open");
  // The site cannot look in.
  assert.equal(
    await page.evaluate(() => {
      try {
        return frames[0].document.title;
      } catch {
        return "refused";
      }
    }),
    "refused",
  );
  assert.ok(await page.evaluate(() => Object.entries(localStorage).every(([key]) => !key.includes("session"))));

  // Escape closes it and gives the focus back; what comes then is counted.
  await chat.composer.press("Escape");
  await until("closed", async () => !(await isOpen(page)));
  await page.locator("#search").focus();
  const direct = await Chat.open(context, url);
  const id = await chat.frame.evaluate(() => document.querySelector(".conversation").dataset.focus.split(":")[1]);
  await direct.say(`${id}: psst`);
  await direct.sent("psst");
  await until("one unread", () => chat.frame.evaluate(() => document.title.startsWith("(1)")));
  await shoot(page, "widget-badge");
  // In the site's frame the session is another one than in the chat's own tab.
  assert.equal(await direct.frame.locator(".conversation").count(), 1);
  await direct.page.close();

  // On the site's next page the chat goes on; open if it was open.
  await page.evaluate(() => window.CarapaceChat.open());
  await page.getByText("Second page").click();
  await page.waitForURL(/second/);
  const again = new Chat(page, await chatFrame(page));
  await again.ready();
  await again.message("You said: psst");
  untroubled(chat);
  await context.close();
}

async function phone(browser, site) {
  const context = await browser.newContext({ ...PHONE, colorScheme: "dark" });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const trouble = watch(page);
  await page.goto(site);
  await page.locator("carapace-chat").waitFor({ state: "attached" });
  await press(page);
  const chat = Object.assign(new Chat(page, await chatFrame(page)), { trouble });
  await chat.ready();
  await chat.say("From a phone");
  await chat.message("You said: From a phone");
  const size = await chat.frame.evaluate(() => [innerWidth, innerHeight]);
  assert.deepEqual(size, [390, 844], "on a phone the chat is the whole screen");
  await shoot(page, "widget-phone");
  await chat.frame.getByRole("button", { name: "Close chat" }).click();
  await page.getByText("Teapots").click();
  untroubled(chat);
  await context.close();
}

// A browser that lets the frame keep nothing: one can talk all the same, and is told.
async function forgetful(site) {
  const browser = await browse({ storage: "refused" });
  try {
    const page = await browser.newPage();
    const trouble = watch(page);
    await page.goto(site);
    await page.locator("carapace-chat").waitFor({ state: "attached" });
    await page.evaluate(() => window.CarapaceChat.open());
    const chat = Object.assign(new Chat(page, await chatFrame(page)), { trouble });
    await chat.ready();
    await chat.frame.locator(".notice", { hasText: "Your browser keeps nothing" }).waitFor();
    await chat.say("for now");
    await chat.message("You said: for now");
    untroubled(chat);
  } finally {
    await browser.close();
  }
}

async function refused(browser, site) {
  const context = await browser.newContext(DESK);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const trouble = watch(page);
  await page.goto(site);
  await page.locator("carapace-chat").waitFor({ state: "attached" });
  await press(page);
  await until("the browser refuses", () => trouble.some((line) => /frame-ancestors/.test(line)));
  await until("the widget says so", () => trouble.some((line) => /carapace: no chat came/.test(line)));
  for (const frame of page.frames().slice(1)) {
    assert.equal(
      await frame
        .locator(".composer")
        .count()
        .catch(() => 0),
      0,
    );
  }
  await shoot(page, "widget-refused");
  await context.close();
}
