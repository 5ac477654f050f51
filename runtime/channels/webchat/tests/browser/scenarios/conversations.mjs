// Several conversations, rooms, what is unread, older messages, and a name.

import assert from "node:assert/strict";
import { Chat, DESK, until, untroubled } from "../chat.mjs";

export async function run({ browser, url, want }) {
  const context = await browser.newContext({ ...DESK, colorScheme: "dark" });
  const chat = await Chat.open(context, url);
  await chat.say("first things");
  await chat.message("You said: first things");
  await chat.frame.getByRole("button", { name: "New conversation" }).click();
  await chat.frame.locator(".greeting").waitFor();
  await chat.say("second matters");
  await chat.message("You said: second matters");
  assert.deepEqual(await chat.texts(), ["second matters", "You said: second matters"]);
  await chat.conversation("second matters").and(chat.frame.locator("[aria-current]")).waitFor();

  await chat.conversation("first things").click();
  await chat.message("You said: first things");
  assert.deepEqual(await chat.texts(), ["first things", "You said: first things"]);

  await rooms(browser, url, chat);
  await rename(chat);
  await older(chat);
  await drafts(chat);
  await twoTabs(context, url, chat);
  await chat.shoot("dark-desk");
  await want("restart");
  await chat.banner.filter({ hasText: "Connected again" }).waitFor();
  assert.equal(await chat.frame.locator(".conversation").count(), 4);
  untroubled(chat, /WebSocket|ERR_/);
}

// A room has other people in it; what they say while one is elsewhere is counted.
async function rooms(browser, url, chat) {
  const other = await Chat.open(await browser.newContext(DESK), url);
  await other.conversation("Lobby").click();
  await chat.conversation("Lobby").click();
  await chat.say("hello, everybody");
  await other.message("hello, everybody");
  await other.message("You said: hello, everybody");
  await chat.message("You said: hello, everybody");
  await chat.conversation("first things").click();
  await other.say("anybody here?");
  await chat.conversation("Lobby").locator(".badge", { hasText: "2" }).waitFor();
  await until("unread in the title", async () => /^\(2\)/.test(await chat.page.title()));
  await chat.shoot("dark-unread");
  await chat.conversation("Lobby").click();
  await chat.frame.locator(".line.new").waitFor();
  await until("read", async () => !/^\(/.test(await chat.page.title()));
  // Each chooses for themselves, and sees how others did.
  await other.say("choices");
  await chat.choose("Tea");
  await chat.message("You chose Tea");
  await other.frame.locator(".choice:not(:disabled) small", { hasText: "1" }).waitFor();
  await other.choose("Coffee");
  await chat.frame.locator(".choice:disabled small", { hasText: "1" }).waitFor();
  await chat.shoot("dark-room");
  await other.page.context().close();
}

async function rename(chat) {
  await chat.frame.locator(".profile").click();
  const field = chat.frame.locator("dialog input");
  await field.fill("Ana <b>\u202e");
  await chat.shoot("dark-name");
  await field.press("Enter");
  await chat.frame.locator(".profile", { hasText: "Ana <b>" }).waitFor();
  await chat.say("who am I?");
  await chat.reload();
  await chat.frame.locator(".profile", { hasText: "Ana <b>" }).waitFor();
}

// Older messages come when one scrolls up, and what one looks at stays where it is.
async function older(chat) {
  await chat.conversation("second matters").click();
  await chat.message("You said: second matters");
  await chat.say("many");
  await chat.message("no. 130");
  await chat.reload();
  await chat.message("no. 130");
  const scroller = chat.frame.locator(".scroller");
  const fromEnd = () => scroller.evaluate((node) => node.scrollHeight - node.scrollTop - node.clientHeight);
  assert.ok((await fromEnd()) < 2, "a conversation opens at its end");
  const count = () => chat.messages.count();
  const first = await count();
  assert.ok(first < 130, `${first} at once`);
  await scroller.evaluate((node) => node.scrollTo({ top: 300 }));
  const seen = await scroller.evaluate((node) => {
    const top = node.getBoundingClientRect().top;
    const item = [...node.querySelectorAll("li.message")].find((one) => one.getBoundingClientRect().top > top);
    return { key: item.dataset.key, top: item.getBoundingClientRect().top };
  });
  await until("older messages", async () => (await count()) > first);
  const now = await chat.frame.locator(`[data-key="${seen.key}"]`).evaluate((one) => one.getBoundingClientRect().top);
  assert.ok(Math.abs(now - seen.top) < 2, `it moved from ${seen.top} to ${now}`);
  await until("the first message", async () => {
    await scroller.evaluate((node) => node.scrollTo({ top: 0 }));
    return chat.messages.filter({ hasText: /^second matters/ }).count();
  });
  assert.equal(await count(), 133);
  // Somebody who reads what is old is not thrown to the end by what comes, but told of it.
  const id = await chat.frame.locator(".conversation[aria-current]").getAttribute("data-focus");
  const place = await scroller.evaluate((node) => node.scrollTop);
  const other = await Chat.open(chat.page.context(), chat.page.url());
  await other.conversation("first things").click();
  await other.say(`${id.replace("conversation:", "")}: later`);
  await chat.frame.locator(".newest", { hasText: "1 new message" }).waitFor();
  assert.equal(await scroller.evaluate((node) => node.scrollTop), place);
  await other.page.close();
  await chat.shoot("dark-newest");
  await chat.frame.locator(".newest").click();
  await until("the end", async () => (await fromEnd()) < 2);
  await chat.frame.locator(".newest").waitFor({ state: "hidden" });
  await chat.frame.getByRole("button", { name: "New conversation" }).click();
  await chat.say("third");
  await chat.message("You said: third");
}

// What is being written in one conversation is not written in another, and is there after a reload.
async function drafts(chat) {
  await chat.composer.fill("half a thought");
  await chat.conversation("first things").click();
  assert.equal(await chat.composer.inputValue(), "");
  await chat.conversation("third").click();
  assert.equal(await chat.composer.inputValue(), "half a thought");
  await chat.reload();
  assert.equal(await chat.composer.inputValue(), "half a thought");
  await chat.composer.fill("");
}

async function twoTabs(context, url, chat) {
  const second = await Chat.open(context, url);
  await chat.say("in both");
  await second.message("You said: in both");
  await second.say("from the second");
  await chat.message("You said: from the second");
  assert.deepEqual(await second.texts(), await chat.texts());
  await second.page.close();
}
