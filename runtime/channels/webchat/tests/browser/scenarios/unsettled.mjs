// Connections that are lost, servers that are away, people who are too fast: nothing that was written is lost, nothing
// is said twice, and the page says how things are.

import assert from "node:assert/strict";
import { Chat, DESK, until, untroubled } from "../chat.mjs";

export async function run({ browser, url, want }) {
  const context = await browser.newContext({ ...DESK, colorScheme: "light" });
  const chat = await Chat.open(context, url);
  await chat.say("before");
  await chat.message("You said: before");

  const hellos = [];
  chat.page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => payload.includes('"hello"') && hellos.push(JSON.parse(payload)));
  });
  await want("stop");
  await chat.banner.filter({ hasText: "No connection." }).waitFor();
  await chat.say("one, without a server");
  await chat.say("two, without a server");
  await chat.frame.locator("li.mine.unsent", { hasText: "two, without" }).waitFor();
  await chat.shoot("offline");
  await want("start");
  await chat.message("You said: one, without a server");
  await chat.message("You said: two, without a server");
  await chat.banner.filter({ hasText: "Connected again" }).waitFor();
  await chat.shoot("back");
  assert.deepEqual(Object.values(hellos.at(-1).seen), [2], "it asks for what came after the last event it saw");
  await once(chat, "one, without a server");

  await lostAcknowledgement(chat);
  await newConversationOffline(chat, want);
  await tooFast(chat);
  await unknownSession(chat);
  untroubled(chat, /WebSocket|ERR_/);
}

async function once(chat, text) {
  const texts = await chat.texts();
  assert.equal(texts.filter((one) => one === text).length, 1, texts.join("\n"));
}

// The message arrives and its acknowledgement does not: it goes out again and stands there once.
async function lostAcknowledgement(chat) {
  let deaf = true;
  await chat.page.routeWebSocket(/\/ws$/, (route) => {
    const server = route.connectToServer();
    server.onMessage((text) => {
      const frame = JSON.parse(text);
      if (!deaf || frame.type === "welcome") return route.send(text);
      if (frame.type === "ack") {
        deaf = false;
        server.close();
        route.close();
      }
    });
  });
  await chat.reload();
  await chat.say("said into a hole");
  deaf = true;
  await chat.message("You said: said into a hole");
  await chat.sent("said into a hole");
  await once(chat, "said into a hole");
}

// A conversation that was begun without a server, and a reload in between.
async function newConversationOffline(chat, want) {
  await chat.frame.getByRole("button", { name: "New conversation" }).click();
  await want("stop");
  await chat.banner.filter({ hasText: "No connection." }).waitFor();
  await chat.say("a new matter");
  await chat.say("and more of it");
  await want("start");
  await chat.message("You said: and more of it");
  await until("two conversations", async () => (await chat.frame.locator(".conversation").count()) === 2);
  const texts = await chat.texts();
  assert.deepEqual(
    texts.filter((text) => !text.startsWith("You said")),
    ["a new matter", "and more of it"],
  );

  // Written while there is no connection, and the page is left before there is one again.
  await chat.page.evaluate(() => {
    const key = Object.keys(localStorage).find((one) => one.endsWith(":session"));
    const prefix = key.slice(0, -"session".length);
    const id = "c-0123456789abcdef0123456789abcdef";
    const conversation = JSON.parse(localStorage.getItem(`${prefix}current`));
    const frame = { id, type: "message", conversation, text: "left behind" };
    localStorage.setItem(`${prefix}out:${id}`, JSON.stringify({ frame, at: Date.now(), state: "waiting" }));
  });
  await chat.reload();
  await chat.message("You said: left behind");
  await once(chat, "left behind");
  assert.equal(
    await chat.page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes(":out:")).length),
    0,
  );
}

// Faster than the server wants: it goes on by itself, in order, and the person is told.
async function tooFast(chat) {
  // At once, as no hand could: a slow machine must not make it slow enough.
  await chat.page.evaluate(() => {
    const field = document.querySelector(".composer textarea");
    for (let n = 1; n <= 20; n += 1) {
      field.value = `quick ${n}`;
      field.dispatchEvent(new Event("input"));
      field.form.requestSubmit();
    }
  });
  await chat.banner.filter({ hasText: "That was fast." }).waitFor();
  await chat.shoot("too-fast");
  await chat.message("You said: quick 20");
  const texts = (await chat.texts()).filter((text) => text.startsWith("quick"));
  assert.deepEqual(
    texts,
    Array.from({ length: 20 }, (_, n) => `quick ${n + 1}`),
  );
}

// The server knows nobody of that secret: a new visit, said so, and what was not sent is not lost.
async function unknownSession(chat) {
  await chat.page.evaluate(() => {
    const key = Object.keys(localStorage).find((one) => one.endsWith(":session"));
    const prefix = key.slice(0, -"session".length);
    localStorage.setItem(key, JSON.stringify("A".repeat(43)));
    const id = "c-fedcba9876543210fedcba9876543210";
    const frame = { id, type: "message", conversation: "w-gone", text: "for whoever is there" };
    localStorage.setItem(`${prefix}out:${id}`, JSON.stringify({ frame, at: Date.now(), state: "waiting" }));
  });
  await chat.reload();
  await chat.frame.locator(".notice.warn", { hasText: "does not know your earlier visit" }).waitFor();
  await chat.message("You said: for whoever is there");
  assert.equal(await chat.frame.locator(".conversation").count(), 1);
}
