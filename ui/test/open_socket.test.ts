// The WebSocket of this Node, against a server of a few lines.

import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { test } from "node:test";
import { connect } from "../src/realtime/index.ts";

/** A short text frame, as servers send it. */
const frame = (message: unknown) => {
  const text = Buffer.from(JSON.stringify(message));
  assert.ok(text.length < 126);
  return Buffer.concat([Buffer.from([0x81, text.length]), text]);
};

test("Node's WebSocket brings the token, is subscribed, hears, and is closed", { timeout: 20_000 }, async () => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = connect({ url: `http://127.0.0.1:${port}/`, token: "secret" });
  const [request, wire] = (await once(server, "upgrade")) as [{ headers: Record<string, string>; url: string }, Duplex];
  assert.equal(request.headers["authorization"], "Bearer secret");
  assert.equal(request.url, "/api/v1/ws");
  const accept = createHash("sha1")
    .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  wire.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Sec-WebSocket-Accept: ${accept.digest("base64")}\r\n\r\n`);
  wire.write(frame({ event: "welcome", data: { heartbeat_ms: 15_000 } }));
  const [masked] = (await once(wire, "data")) as [Buffer];
  const mask = masked.subarray(2, 6);
  const text = Buffer.from(masked.subarray(6)).map((byte, index) => byte ^ mask[index % 4]!).toString();
  assert.deepEqual(JSON.parse(text), { event: "subscribe", ref: 1, data: { id: "all" } });

  const heard = new Promise((done) => client.onEvent(({ type }) => done([type, client.transport])));
  wire.write(frame({ event: "subscriptions", id: "1-5", ref: 1 }));
  assert.deepEqual(await heard, ["resync", "websocket"]);
  assert.equal(client.state, "live");
  client.close();
  const [close] = (await once(wire, "data")) as [Buffer];
  assert.equal(close[0]! & 0x0f, 8, "a frame that closes");
  wire.destroy();
  server.close();
});

test("where Node's WebSocket is refused, an event stream takes its place", { timeout: 20_000 }, async (t) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url!);
    if (request.url === "/api/v1/projects") return void response.end('{"projects":[]}');
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write("retry: 1000\n: heartbeat_ms=15000\n:\nid: 1-5\n\n");
  });
  server.on("upgrade", (_request, wire: Duplex) => wire.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = connect({ url: `http://127.0.0.1:${port}/`, random: () => 0 });
  t.after(() => {
    client.close();
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((done) => client.onState((state) => void (state === "live" && done())));
  assert.equal(client.transport, "events");
  assert.deepEqual(asked, ["/api/v1/projects", "/api/v1/projects", "/api/v1/events"]);
});
