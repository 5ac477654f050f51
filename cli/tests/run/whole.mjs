// The whole way in a browser: a message, a choice, and an answer to a question that was asked before the power went.

import assert from "node:assert/strict";
import { Chat, PHONE, untroubled } from "../../../runtime/channels/webchat/tests/browser/chat.mjs";

export async function run({ browser, url, want }) {
  const chat = await Chat.open(await browser.newContext(PHONE), url);
  await chat.say("hello there");
  await chat.message("Tea or coffee?");
  await chat.shoot("whole-asked");
  await chat.choose("tea");
  await chat.message("For whom?");
  await want("power cut");
  await chat.banner.filter({ hasText: "Connected again" }).waitFor();
  await chat.say("Ana");
  await chat.message("tea for Ana, number 1.");
  await chat.shoot("whole-answered");
  await chat.reload();
  await chat.message("tea for Ana, number 1.");
  const texts = await chat.texts();
  assert.equal(texts.filter((text) => text.includes("tea for Ana")).length, 1);
  untroubled(chat, /WebSocket|ERR_/);
}
