// What pages of others can do with a browser that is signed in: nothing.
//
//   node foreign_pages.mjs NODE_MODULES DAEMON_URL TOKEN
//
// Prints "NAME: OUTCOME" in each line; the test that runs this knows what they should be.
import { createServer } from "node:http";
import { withBrowser } from "./browser.mjs";

const [, , modules, daemon, token] = process.argv;
const port = new URL(daemon).port;
const say = (name, outcome) => console.log(`${name}: ${outcome}`);

const evil = createServer((request, response) => {
  response.setHeader("Content-Type", "text/html");
  response.end("<!doctype html><title>evil</title><body></body>");
});
await new Promise((listening) => evil.listen(0, "127.0.0.1", listening));
const evilPort = evil.address().port;

/// Asked beside the browser, by who may.
const ask = async (path, method = "GET") =>
  (await fetch(daemon + path, { method, headers: { Authorization: `Bearer ${token}` } })).json();
async function signed_in(browser, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const { url } = await ask("api/v1/links", "POST");
  await fetch(url);  // a preview of it, which runs no scripts
  await page.goto(url);
  await page.waitForURL(daemon);
  return { context, page };
}
const is_unchanged = async () => {
  const project = await ask("api/v1/projects/app");
  const { projects } = await ask("api/v1/projects");
  return projects.length === 1 && project.state === "ok" ? "nothing changed" : "CHANGED";
};

/// In the page: a status, or that the browser kept the answer from it.
const fetched = (page, url, options) =>
  page.evaluate(
    ([url, options]) =>
      fetch(url, options).then(
        (response) => (response.type === "opaque" ? "sent, unread" : `${response.status}`), () => "kept away"),
    [url, options]);

async function own({ context, page }) {
  say("own page", (await page.content()).includes("not signed in") ? "not signed in" : "signed in");
  const path = "/api/v1/projects/app";
  const pause = (paused, headers) => ({ method: "PATCH", headers, body: JSON.stringify({ paused }) });
  say("own read", await fetched(page, path));
  say("own change without the header", await fetched(page, path, pause(true, {})));
  say("own change", await fetched(page, path, pause(true, { "X-Specd-Client": "test" })));
  say("own change back", await fetched(page, path, pause(false, { "X-Specd-Client": "test" })));
  say("own events", await page.evaluate(() => new Promise((done) => {
    const events = new EventSource("/api/v1/events");
    events.onopen = () => (events.close(), done("open"));
    events.onerror = () => (events.close(), done("closed"));
  })));
  say("own websocket", await page.evaluate(() => new Promise((done) => {
    const socket = new WebSocket(`ws://${location.host}/api/v1/ws`);
    socket.onopen = () => (socket.close(), done("open"));
    socket.onerror = () => done("closed");
  })));
  const link_clicked = await page.evaluate(() => document.querySelector("a").click());
  await page.waitForURL("**/api/v1/**");
  say("own link", link_clicked ?? (await page.content()).includes("unauthorized") ? "refused" : "followed");
  const cookies = await context.cookies(daemon);
  say("cookie", cookies.map((c) => `${c.name.replace(port, "PORT")} ${c.httpOnly} ${c.sameSite}`).join());
  say("cookie seen by scripts", (await page.evaluate(() => document.cookie)) || "none");
}

async function foreign(context, origin) {
  const name = (what) => `${origin.replace(evilPort, "EVIL")} ${what}`;
  const page = await context.newPage();
  await page.goto(origin);
  const at = `${daemon}api/v1/`;
  const credentials = "include";
  const body = JSON.stringify({ paused: true });
  say(name("fetch"), await fetched(page, at + "specs", { credentials }));
  say(name("fetch with the header"),
    await fetched(page, at + "projects/app", { method: "PATCH", credentials, body, headers: { "X-Specd-Client": "x" } }));
  // What a page may send without asking first.
  say(name("fetch post"), await fetched(page, at + "sync", { method: "POST", mode: "no-cors", credentials, body }));
  say(name("fetch new project"), await fetched(page, at + "projects",
    { method: "POST", mode: "no-cors", credentials, body: JSON.stringify({ root: "/" }) }));
  say(name("image"), await page.evaluate((src) => new Promise((done) => {
    const image = new Image();
    image.onload = () => done("loaded");
    image.onerror = () => done("kept away");
    image.src = src;
  }), at + "specs"));
  say(name("script"), await page.evaluate((src) => new Promise((done) => {
    const script = document.createElement("script");
    script.onload = () => done("ran");
    script.onerror = () => done("kept away");
    script.src = src;
    document.body.append(script);
  }), at + "specs"));
  say(name("events"), await page.evaluate((url) => new Promise((done) => {
    const events = new EventSource(url, { withCredentials: true });
    events.onopen = () => (events.close(), done("open"));
    events.onerror = () => (events.close(), done("kept away"));
  }), at + "events"));
  say(name("websocket"), await page.evaluate((url) => new Promise((done) => {
    const socket = new WebSocket(url);
    socket.onopen = () => (socket.close(), done("OPEN"));
    socket.onerror = () => done("kept away");
  }), at.replace("http", "ws") + "ws"));
  for (const transport of ["polling", "websocket"])
    say(name(`socket.io ${transport}`), await over_socket_io(page, transport));
  say(name("frame"), await framed(page, daemon));
  for (const enctype of ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data"]) {
    say(name(`form ${enctype}`), await posted(context, origin, at + "projects", enctype));
  }
  say(name("form that signs in"), await signed_in_by(context, origin));
  const led = await context.newPage();
  await led.goto(origin);
  await led.evaluate((url) => { location.href = url; }, at + "specs");
  await led.waitForURL(at + "specs");
  say(name("led there"), (await led.content()).includes("secret-plan") ? "TOLD" : "told nothing");
  say(name("after all"), await is_unchanged());
}

async function over_socket_io(page, transport) {
  await page.addScriptTag({ path: `${modules}/socket.io-client/dist/socket.io.min.js` });
  return page.evaluate(([url, transport]) => new Promise((done) => {
    const options = { transports: [transport], withCredentials: true, reconnection: false, forceNew: true };
    const socket = io(url, options);
    socket.on("connect", () => (socket.disconnect(), done("CONNECTED")));
    socket.on("connect_error", () => done("kept away"));
  }), [daemon + "specs", transport]);
}

async function framed(page, url) {
  await page.evaluate((src) => new Promise((done) => {
    const frame = document.createElement("iframe");
    frame.onload = done;
    frame.src = src;
    document.body.append(frame);
  }), url);
  const frame = page.frames().find((frame) => frame.parentFrame());
  const text = await frame.content().catch(() => "");
  return text.includes("specd") && text.includes("api/v1") ? "SHOWN" : "not shown";
}

/// A page that knows the code of a link (as no foreign one does) wants to sign the browser in.
async function signed_in_by(context, origin) {
  const { url } = await ask("api/v1/links", "POST");
  const code = new URL(url).searchParams.get("code");
  const page = await context.newPage();
  await page.goto(origin);
  await page.evaluate(([action, code]) => {
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action });
    const field = document.createElement("input");
    Object.assign(field, { name: "code", value: code });
    form.append(field);
    document.body.append(form);
    form.submit();
  }, [daemon + "open", code]);
  await page.waitForURL(daemon + "open");
  const problem = JSON.parse(await page.evaluate(() => document.body.innerText));
  return `${problem.status} ${problem.code}`;
}

async function posted(context, origin, action, enctype) {
  const page = await context.newPage();
  await page.goto(origin);
  await page.evaluate(([action, enctype]) => {
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action, enctype });
    const field = document.createElement("input");
    Object.assign(field, { name: '{"root":"/', value: '"}' });
    form.append(field);
    document.body.append(form);
    form.submit();
  }, [action, enctype]);
  await page.waitForURL(action);
  const problem = JSON.parse(await page.evaluate(() => document.body.innerText));
  return `${problem.status} ${problem.code}`;
}

/// A name that led to another server when the page was loaded, and now leads here.
async function rebound(context) {
  const page = await context.newPage();
  const answer = await page.goto(`http://rebound.example:${port}/api/v1/specs`);
  say("rebound page", answer.status());
  say("rebound fetch", await fetched(page, "/api/v1/specs"));
  say("rebound change", await fetched(page, "/api/v1/projects/app",
    { method: "PATCH", headers: { "X-Specd-Client": "x" }, body: '{"paused":true}' }));
}

await withBrowser(modules, ["evil.example", "rebound.example"], async (browser) => {
  // Our first page forbids itself to ask for anything; here it may, as another page of ours would.
  const unbound = await signed_in(browser, { bypassCSP: true });
  await own(unbound);
  await rebound(unbound.context);
  const { context } = await signed_in(browser);
  for (const host of ["127.0.0.1", "localhost", "evil.example"]) await foreign(context, `http://${host}:${evilPort}/`);
  say("in the end", await is_unchanged());
});
evil.close();
