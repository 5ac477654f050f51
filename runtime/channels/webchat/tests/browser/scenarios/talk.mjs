// A conversation: said, answered, chosen, changed, reacted to; there again after a reload and after the server was
// started anew.

import assert from "node:assert/strict";
import { Chat, DESK, until, untroubled } from "../chat.mjs";

export async function run({ browser, url, want }) {
  const context = await browser.newContext({ ...DESK, colorScheme: "light" });
  const chat = await Chat.open(context, url);
  await chat.frame.locator(".greeting", { hasText: "Write something to begin." }).waitFor();
  await chat.shoot("greeting");

  await chat.composer.fill("two");
  await chat.composer.press("Shift+Enter");
  await chat.page.keyboard.type("lines");
  await chat.composer.press("Enter");
  await chat.sent("two\nlines");
  assert.equal(await chat.composer.inputValue(), "");
  await chat.message("You said: two");

  await chat.say("choices");
  await chat.choose("Coffee");
  await chat.message("You chose Coffee");
  const chosen = chat.frame.locator(".choice.chosen", { hasText: "Coffee" });
  assert.equal(await chosen.getAttribute("aria-pressed"), "true");
  assert.equal(await chat.frame.locator(".choice:not(:disabled)").count(), 0);

  await chat.say("typing");
  await chat.frame.locator(".typing").waitFor();
  await chat.say("and then?");
  await chat.message("You said: and then?");
  await chat.frame.locator(".typing").waitFor({ state: "detached" });

  await growing(chat);

  await chat.say("edit");
  const edited = await chat.message("It is done");
  assert.equal(await edited.locator(".edited").innerText(), "edited");

  await chat.say("receipt");
  await chat.message("You have read this");

  await chat.say("delete");
  await chat.message("This message was deleted.");

  await chat.say("react");
  const liked = chat.frame.locator("li.mine", { hasText: "react" });
  await liked.locator(".reaction", { hasText: "👍" }).waitFor();

  await chat.say("quote");
  const quoted = await chat.message("That is what I mean");
  assert.match(await quoted.locator(".quote").innerText(), /quote/);
  await chat.say("markdown");
  const markdown = await chat.message("A heading");
  assert.equal(await markdown.locator("strong").innerText(), "bold");
  assert.equal(await markdown.locator("li").count(), 3);
  assert.match(await markdown.locator("pre").innerText(), /<b>not HTML<\/b>/);
  const link = markdown.locator("a", { hasText: "a link" });
  assert.equal(await link.getAttribute("href"), "https://example.org/");
  assert.match(await link.getAttribute("rel"), /noopener/);

  await ownMessages(chat);
  await chat.shoot("light-desk");

  const before = await chat.standing();
  await chat.reload();
  await chat.message("A heading");
  assert.equal(await chat.standing(), before, "the events and the page of messages fold to the same");

  await want("restart");
  await chat.banner.filter({ hasText: "Connected again" }).waitFor();
  assert.equal(await chat.standing(), before, "nothing is lost when the server starts anew");
  await chat.say("still there?");
  await chat.message("You said: still there?");
  await chat.reload();
  await chat.message("You said: still there?");
  untroubled(chat, /WebSocket|ERR_/);
}

// What the person does with messages: react and take it back, answer, change, delete.
async function ownMessages(chat) {
  // The answer to it will quote it.
  const message = chat.messages.filter({ hasText: "You said: two" }).first();
  await (await chat.menu("You said: two")).locator("button", { hasText: "🎉" }).click();
  const reaction = message.locator(".reaction", { hasText: "🎉" });
  await reaction.waitFor();
  assert.equal(await reaction.getAttribute("aria-pressed"), "true");
  await reaction.click();
  await reaction.waitFor({ state: "detached" });
  await (await chat.menu("You said: two")).locator("button", { hasText: "❤️" }).click();
  await message.locator(".reaction", { hasText: "❤️" }).waitFor();

  await (await chat.menu("You said: two")).getByText("Reply").click();
  await chat.frame.locator(".above", { hasText: "Answering" }).waitFor();
  await chat.say("an answer");
  await chat.sent("an answer");
  await chat.frame.locator("li.mine", { hasText: "an answer" }).locator(".quote").click();
  await until("the quoted message has the focus", () => message.evaluate((node) => node === document.activeElement));

  await (await chat.menu("an answer", "mine")).getByText("Edit").click();
  assert.equal(await chat.composer.inputValue(), "an answer");
  await chat.say("a better answer");
  await chat.frame.locator("li.mine", { hasText: "a better answer" }).locator(".edited").waitFor();

  await chat.say("a mistake");
  await chat.sent("a mistake");
  await chat.message("You said: a mistake");
  await (await chat.menu("a mistake", "mine")).getByText("Copy text").click();
  await (await chat.menu("a mistake", "mine")).getByText("Delete").click();
  // The menu, which has a Delete of its own, may take a moment to go.
  await chat.frame.locator("dialog button.danger:not([role=menuitem])").click();
  await chat.frame.locator("li.mine.gone").waitFor();

  // Changed, answered and reacted to by keys alone.
  await chat.composer.focus();
  await chat.page.keyboard.press("Shift+Tab");
  await chat.page.keyboard.press("Shift+Tab");
  for (let at = 0; at < 12; at += 1) {
    const isArticle = await chat.frame.evaluate(() => document.activeElement.localName === "article");
    if (isArticle) break;
    await chat.page.keyboard.press("Shift+Tab");
  }
  await chat.page.keyboard.press("Home");
  const first = await chat.frame.evaluate(() => document.activeElement.innerText);
  assert.match(first, /two/);
  await chat.page.keyboard.press("ArrowDown");
  assert.match(await chat.frame.evaluate(() => document.activeElement.innerText), /You said: two/);
  const heard = await chat.frame.locator("[role=log]").innerText();
  assert.match(heard, /You said: a mistake/);
}

// An answer grows, is no message until it is whole, and then is one; another one never comes.
async function growing(chat) {
  const preview = chat.frame.locator("li.preview");
  await chat.say("grow");
  await preview.filter({ hasText: /^.?It grows$/ }).waitFor();
  assert.equal(await chat.messages.filter({ hasText: "It grows" }).count(), 0);
  await chat.say("grown");
  await chat.message("It grows, and is done.");
  await preview.waitFor({ state: "detached" });
  assert.equal((await chat.texts()).filter((text) => text.startsWith("It gr")).length, 1);
  await chat.say("grow");
  await preview.waitFor();
  await chat.say("vanish");
  await preview.waitFor({ state: "detached" });
  assert.equal((await chat.texts()).filter((text) => text.startsWith("It gr")).length, 1);
}
