// A page of another site asks for a ticket with its token, and opens a WebSocket with it.

import assert from "node:assert/strict";

/** What becomes of a WebSocket: what it says first, or the code with which it ends. */
const opened = ([url, protocols]) =>
  new Promise((resolve) => {
    window.socket = new WebSocket(url, protocols);
    window.over = new Promise((over) => {
      window.socket.onclose = ({ code }) => {
        over(code);
        resolve({ code });
      };
    });
    window.socket.onmessage = ({ data }) => resolve({ data, protocol: window.socket.protocol });
  });

/** The answer to a request of the page; what it says where the browser keeps it from the page. */
const asked = async ([url, token, body]) => {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  try {
    const answer = await fetch(url, { method: "POST", headers, body });
    return { status: answer.status, body: await answer.json() };
  } catch (error) {
    return { error: error.name };
  }
};

export async function run({ browser, url, want }) {
  const [address, token, gateway] = url.split("#");
  const page = await browser.newPage();
  await page.goto(address);
  const socket = `ws://${gateway}/v1/ws`;
  const tickets = `http://${gateway}/v1/tickets`;
  const ticket = async (body = "{}") => {
    const { status, body: given } = await page.evaluate(asked, [tickets, token, body]);
    assert.equal(status, 201);
    return given.protocols;
  };

  assert.deepEqual(await page.evaluate(opened, [socket, ["carapace.v1"]]), { code: 1006 });
  const protocols = await ticket();
  assert.deepEqual(await page.evaluate(opened, [socket, protocols]), {
    data: "page read,chat",
    protocol: "carapace.v1",
  });
  assert.deepEqual(await page.evaluate(opened, [socket, protocols]), { code: 1006 }, "a ticket counts once");
  const less = await page.evaluate(opened, [socket, await ticket('{"scopes": ["chat"]}')]);
  assert.equal(less.data, "page chat");

  // The same server by another name is another site, which nobody named: it gets no ticket, and uses none.
  const stranger = await browser.newPage();
  await stranger.goto(address.replace("127.0.0.1", "localhost"));
  assert.deepEqual(await stranger.evaluate(asked, [tickets, token, "{}"]), { error: "TypeError" });
  const unused = await ticket();
  assert.deepEqual(await stranger.evaluate(opened, [socket, unused]), { code: 1006 });
  assert.equal((await page.evaluate(opened, [socket, unused])).data, "page read,chat");

  await want("revoke");
  assert.notEqual(await page.evaluate(() => window.over), undefined, "it ends with its token");
}
