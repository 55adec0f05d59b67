// A page of the daemon's own, in a browser that `specd open` has signed in, listens by all that a browser has for it.
//
//   node own_page.mjs NODE_MODULES DAEMON_URL LINK FILE
//
// Prints "NAME: OUTCOME" in each line; the test that runs this knows what they should be. FILE is saved when all listen.
import { renameSync, writeFileSync } from "node:fs";
import { withBrowser } from "./browser.mjs";

const [, , modules, daemon, link, file] = process.argv;

/// In the page. Ends when all listen; `heard` is then what each is told of the file, or that it was refused.
async function listen() {
  const clients = {
    "event stream": (ready, hear, fail) => {
      const events = new EventSource("/api/v1/events");
      events.onopen = ready;
      events.onerror = fail;
      events.addEventListener("spec.updated", ({ data }) => hear(JSON.parse(data)));
    },
    websocket: (ready, hear, fail) => {
      const socket = new WebSocket(`ws://${location.host}/api/v1/ws`);
      socket.onopen = () => socket.send('{"event":"subscribe"}');
      socket.onerror = fail;
      socket.onmessage = ({ data: text }) => {
        const { event, data } = JSON.parse(text);
        if (event === "subscriptions") ready();
        if (event === "spec.updated") hear(data);
      };
    },
    "socket.io": (ready, hear, fail) => {
      const socket = io("/specs");
      const upgraded = () =>
        socket.io.engine.transport.name === "websocket" ? ready() : socket.io.engine.once("upgrade", ready);
      socket.on("connect", () => socket.emit("subscribe", {}, upgraded));
      socket.on("connect_error", fail);
      socket.on("spec.updated", hear);
    },
  };
  const begin = ([name, listen]) => new Promise((ready) => {
    window.heard[name] = new Promise((told) => {
      const hear = ({ type, id, changes }) => told(`${type} of ${id}, ${changes.includes("tasks_done") ? "ticked" : changes}`);
      listen(ready, hear, () => (told("refused"), ready()));
    });
  });
  window.heard = {};
  await Promise.all(Object.entries(clients).map(begin));
}

await withBrowser(modules, [], async (browser) => {
  // Our first page forbids itself to ask for anything; here it may, as another page of ours would.
  const context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  await page.goto(link);
  await page.waitForURL(daemon);
  await page.addScriptTag({ path: `${modules}/socket.io-client/dist/socket.io.min.js` });
  await page.evaluate(listen);
  writeFileSync(`${file}~`, "- [x] a\n");
  renameSync(`${file}~`, file);
  const heard = await page.evaluate(async () =>
    Promise.all(Object.entries(window.heard).map(async ([name, told]) => [name, await told])));
  for (const [name, outcome] of heard) console.log(`${name}: ${outcome}`);
});
