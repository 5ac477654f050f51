// What strangers write stays text.

import assert from "node:assert/strict";
import { Chat, DESK, untroubled } from "../chat.mjs";

const IMAGE = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
const TURNED = "\u202eabc\u202d \u2066def\u2069 \u200bzero\u200d\u200cwidth\u00ad";
const ARABIC = "مرحبا بالعالم (hello) ١٢٣";
const PILED = `Z${"\u0351\u0489\u0310".repeat(60)}a`;

export async function run({ browser, url }) {
  const context = await browser.newContext({ ...DESK, colorScheme: "light" });
  const chat = await Chat.open(context, url);
  const asked = [];
  chat.page.on("request", (request) => asked.push(request.url()));

  for (const text of [
    IMAGE,
    TURNED,
    ARABIC,
    PILED,
    "[x](javascript:alert(1))",
    "https://ok.example/a?b=1&c=<d>. javascript:alert(1)",
  ]) {
    await chat.say(text);
    const said = await chat.frame.locator("li.mine:not(.unsent) .text").last();
    await chat.sent(text.slice(0, 8));
    assert.equal(await said.evaluate((node) => node.textContent), text);
  }
  const links = chat.frame.locator("li.mine a");
  assert.equal(await links.count(), 1);
  assert.equal(await links.getAttribute("href"), "https://ok.example/a?b=1&c=");
  const arabic = chat.frame.locator("li.mine .text", { hasText: "مرحبا" });
  assert.equal(await arabic.evaluate((node) => getComputedStyle(node).direction), "rtl");

  await chat.say("hostile");
  const answer = chat.frame.locator("li.theirs .markdown", { hasText: "<img src=x" });
  assert.match(await answer.innerText(), /\[click\]\(javascript:/);
  assert.equal(await answer.locator("img, script").count(), 0);
  const targets = await answer.locator("a").evaluateAll((nodes) => nodes.map((node) => node.protocol));
  assert.ok(targets.length > 0 && targets.every((protocol) => protocol === "https:"), targets.join());
  await chat.shoot("hostile");

  await long(chat);
  assert.equal(await chat.frame.locator(".log :is(img, script, iframe, style, svg:not(.icon))").count(), 0);
  assert.equal(await chat.page.title(), "Carapace");
  const own = new URL(url).host;
  assert.deepEqual(
    asked.filter((address) => !address.startsWith("blob:") && new URL(address).host !== own),
    [],
  );
  await policy(chat);
  untroubled(chat, /Content Security Policy|TrustedHTML|Trusted/);
}

async function long(chat) {
  const words = "x".repeat(9_000) + " " + "\u{1f600}".repeat(200) + "<b>".repeat(3_000);
  await chat.say(words.slice(0, 18_400));
  await chat.frame.locator("li.mine:not(.unsent) .text.cut").last().waitFor();
  const wide = await chat.frame.locator(".scroller").evaluate((node) => node.scrollWidth - node.clientWidth);
  assert.equal(wide, 0, "nothing is wider than the page");
  await chat.frame.locator("li.mine").last().getByText("Show all").click();
  await chat.frame.locator("li.mine").last().getByText("Show less").click();
  // One too many is counted and not sent; each emoji is one.
  await chat.composer.fill("\u{1f600}".repeat(20_001));
  await chat.frame.locator(".count.over", { hasText: "1 too many" }).waitFor();
  await chat.composer.press("Enter");
  assert.equal(await chat.frame.locator(".send:disabled").count(), 1);
  await chat.composer.fill("\u{1f600}".repeat(20_000));
  await chat.composer.press("Enter");
  await chat.sent("\u{1f600}\u{1f600}\u{1f600}\u{1f600}");
  await chat.shoot("long");
}

// Were there a hole, the browser would not let anything through it.
async function policy(chat) {
  const refused = await chat.page.evaluate(async () => {
    const results = {};
    try {
      document.createElement("div").innerHTML = "<b>x</b>";
      results.html = "allowed";
    } catch {
      results.html = "refused";
    }
    const script = document.createElement("script");
    try {
      script.textContent = "window.owned = true";
      document.head.append(script);
    } catch {
      // Refused before it could be put in.
    }
    results.script = window.owned ? "allowed" : "refused";
    results.net = await fetch("https://elsewhere.example/").then(
      () => "allowed",
      () => "refused",
    );
    return results;
  });
  assert.deepEqual(refused, { html: "refused", script: "refused", net: "refused" });
}
