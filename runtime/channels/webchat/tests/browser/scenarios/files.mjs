// Files, both ways.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { Chat, DESK, until, untroubled } from "../chat.mjs";

export async function run({ browser, url }) {
  const context = await browser.newContext({ ...DESK, colorScheme: "light", acceptDownloads: true });
  const chat = await Chat.open(context, url);
  // In a conversation that is not open yet.
  await pick(chat, [
    { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("some notes") },
    { name: "picture.png", mimeType: "image/png", buffer: await portrait(chat) },
  ]);
  await until("both are there", () => chat.frame.locator(".send:not(:disabled)").count());
  await chat.shoot("files-picked");
  await chat.say("with two files");
  await chat.message("You sent notes.txt, picture.png with two files");
  const mine = chat.frame.locator("li.mine", { hasText: "with two files" });
  await mine.locator(".picture img").waitFor();
  assert.equal(await save(chat, mine.locator(".card")), "some notes");

  await slow(chat);
  await chat.say("file");
  const theirs = await chat.message("Four files");
  await theirs.locator(".picture img").waitFor();
  const cards = theirs.locator(".card");
  await until("what is no picture is a card", async () => (await cards.count()) === 4);
  const names = await cards.locator(".title").allInnerTexts();
  assert.deepEqual(names, ["reportgpj.exe", "no picture.png", "elsewhere.pdf", "bad"]);
  assert.equal(await cards.nth(2).getAttribute("href"), "https://files.example/a.pdf");
  assert.equal(await cards.nth(3).getAttribute("href"), null, "a script is no address");
  assert.equal(await save(chat, cards.nth(0)), "<b>42</b>");
  await mine.locator(".picture").click();
  await chat.frame.locator("dialog.picture img").waitFor();
  await chat.shoot("files-picture");
  await chat.page.keyboard.press("Escape");
  await chat.frame.locator("dialog").waitFor({ state: "detached" });
  await chat.shoot("files");

  await refused(chat);
  await chat.reload();
  await mine.scrollIntoViewIfNeeded();
  await mine.locator(".picture img").waitFor();
  // Neither a secret nor a way to bytes stands in an address.
  const session = await chat.page.evaluate(
    () => Object.entries(localStorage).find(([key]) => key.endsWith(":session"))[1],
  );
  const asked = await chat.page.evaluate(() => performance.getEntriesByType("resource").map((entry) => entry.name));
  assert.ok(asked.every((address) => !address.includes(JSON.parse(session))));
  untroubled(chat, /413/);
}

// A picture that is worth looking at.
async function portrait(chat) {
  const data = await chat.page.evaluate(() => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 420 });
    const draw = canvas.getContext("2d");
    const sky = draw.createLinearGradient(0, 0, 0, 420);
    sky.addColorStop(0, "#f7b267");
    sky.addColorStop(1, "#7a4988");
    draw.fillStyle = sky;
    draw.fillRect(0, 0, 640, 420);
    draw.fillStyle = "#fff3d6";
    draw.arc(430, 170, 60, 0, 7);
    draw.fill();
    return canvas.toDataURL("image/png").split(",")[1];
  });
  return Buffer.from(data, "base64");
}

// A file that takes its time shows how far it is; what is written waits for it.
async function slow(chat) {
  let go;
  const gate = new Promise((resolve) => (go = resolve));
  await chat.page.route(/\/files$/, async (route) => {
    await gate;
    await route.continue();
  });
  await pick(chat, [{ name: "slow.txt", mimeType: "text/plain", buffer: Buffer.from("slowly") }]);
  await chat.frame.locator(".chip progress").waitFor();
  await chat.say("with a slow one");
  await chat.frame.locator(".notice", { hasText: "still on their way" }).waitFor();
  assert.equal(await chat.composer.inputValue(), "with a slow one");
  go();
  await chat.frame.locator(".chip progress").waitFor({ state: "detached" });
  await chat.composer.press("Enter");
  await chat.message("You sent slow.txt with a slow one");
  await chat.page.unroute(/\/files$/);
}

async function pick(chat, files) {
  await chat.frame.locator(".composer input[type=file]").setInputFiles(files);
}

async function save(chat, link) {
  const [download] = await Promise.all([chat.page.waitForEvent("download"), link.click()]);
  return readFile(await download.path(), "utf8");
}

// The server takes 40,000 bytes of a file here and 50,000 of one person.
async function refused(chat) {
  await pick(chat, [{ name: "large.bin", mimeType: "application/zip", buffer: Buffer.alloc(40_001) }]);
  await chat.frame.locator(".notice.warn", { hasText: "large.bin is larger than" }).waitFor();
  await pick(chat, [{ name: "empty.txt", mimeType: "text/plain", buffer: Buffer.alloc(0) }]);
  await chat.frame.locator(".notice.warn", { hasText: "empty.txt is empty" }).waitFor();
  await pick(chat, [{ name: "too much.bin", mimeType: "application/zip", buffer: Buffer.alloc(39_900) }]);
  await chat.frame.locator(".chip.failed", { hasText: "A file may have at most" }).waitFor();
  assert.equal(await chat.frame.locator(".send:not(:disabled)").count(), 0);
  await chat.shoot("files-refused");
  await chat.frame.getByRole("button", { name: "Remove too much.bin" }).click();
  await chat.say("without it");
  await chat.message("You said: without it");
}
