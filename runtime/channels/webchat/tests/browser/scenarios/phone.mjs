// On a phone: nothing is cut off, everything can be reached with a thumb, and the keyboard moves nothing away.

import assert from "node:assert/strict";
import { Chat, PHONE, untroubled } from "../chat.mjs";

export async function run({ browser, url }) {
  const context = await browser.newContext({ ...PHONE, colorScheme: "dark" });
  const chat = await Chat.open(context, url);
  await chat.shoot("phone-greeting");
  await chat.say("Hello!");
  await chat.message("You said: Hello!");
  await chat.say("markdown");
  await chat.message("A heading");
  await chat.say("choices");
  await chat.message("What may it be?");
  await fits(chat);
  await chat.shoot("phone-choices");
  await chat.frame.locator(".choice", { hasText: "Only water" }).tap();
  await chat.message("You chose Only water");
  await chat.shoot("phone-dark");

  const small = await chat.frame.locator("button:visible").evaluateAll((buttons) =>
    buttons
      .filter((button) => !button.closest(".log") || button.classList.contains("choice"))
      .map((button) => ({ name: button.className, ...button.getBoundingClientRect().toJSON() }))
      .filter(({ width, height, left }) => left >= 0 && Math.min(width, height) < 39),
  );
  assert.deepEqual(small, [], "every button is large enough for a thumb");

  // The list lies over the conversation and goes away again.
  await chat.frame.getByRole("button", { name: "Show conversations" }).tap();
  await chat.frame.locator(".list-open .sidebar").waitFor();
  await chat.shoot("phone-list");
  await chat.frame.getByRole("button", { name: "New conversation" }).tap();
  await chat.frame.locator(".greeting").waitFor();
  await chat.say("Another one");
  await chat.message("You said: Another one");
  await chat.frame.getByRole("button", { name: /Show conversations/ }).tap();
  await chat.conversation("Hello!").tap();
  await chat.message("You chose Only water");

  const menu = chat.frame.locator("li.theirs .tool.menu").last();
  await menu.tap();
  await chat.frame.locator("dialog.menu").waitFor();
  await chat.shoot("phone-menu");
  await chat.frame.locator("dialog.menu .palette button").first().tap();
  await chat.frame.locator(".reaction", { hasText: "👍" }).waitFor();

  // The keyboard opens: the window is shorter, the end of the conversation and the field are still to be seen.
  await chat.composer.tap();
  await chat.page.setViewportSize({ width: 390, height: 480 });
  const last = chat.messages.last();
  await fits(chat);
  const { bottom } = await last.evaluate((node) => node.getBoundingClientRect().toJSON());
  const field = await chat.composer.evaluate((node) => node.getBoundingClientRect().toJSON());
  assert.ok(bottom <= field.top && field.bottom <= 480, `${bottom}, ${field.top}–${field.bottom}`);
  assert.ok(await chat.composer.evaluate((node) => parseFloat(getComputedStyle(node).fontSize) >= 16));
  await chat.shoot("phone-keyboard");
  await chat.page.setViewportSize({ width: 320, height: 560 });
  await fits(chat);
  await chat.shoot("phone-narrow");
  untroubled(chat);
}

async function fits(chat) {
  const wide = await chat.frame.evaluate(() => {
    const nodes = [document.documentElement, document.body, ...document.querySelectorAll("main, .scroller, .composer")];
    return nodes.filter((node) => node.scrollWidth > node.clientWidth).map((node) => node.className || node.localName);
  });
  assert.deepEqual(wide, []);
}
