"""Clients of the three kinds that specd speaks with, each as little as can be: WebSocket, event stream, Socket.IO.

Each is opened where an earlier one broke off (`since`, an id of an event), and then tells what comes, one
(type, id, data) after the other. None mends itself: that is for whoever holds it.
"""
import asyncio
import base64
import http.client
import json
import os
import socket
import struct

LONGEST = 64 << 20  # bytes of one message
SMALLEST_BUFFER = 4096


class Address:
    def __init__(self, port, token):
        self.port, self.token = port, token

    def ask(self, method, path, body=None):
        """A request beside all that: its answer. Waits."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, None if body is None else json.dumps(body),
                               {"Authorization": "Bearer " + self.token, "Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
            if answer.status >= 300:
                raise RuntimeError(f"{method} {path}: {answer.status} {text[:500]!r}")
            return json.loads(text)
        finally:
            connection.close()


class Link:
    """One connection, after its request was answered with `expected`."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    @classmethod
    async def request(cls, address, path, expected, fields="", is_narrow=False):
        connection = socket.socket()
        if is_narrow:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALLEST_BUFFER)
        connection.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", address.port))
        except BaseException:
            connection.close()
            raise
        link = cls(*await asyncio.open_connection(sock=connection, limit=LONGEST))
        try:
            link.writer.write((f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{address.port}\r\n"
                               f"Authorization: Bearer {address.token}\r\n{fields}\r\n").encode())
            head = await link.reader.readuntil(b"\r\n\r\n")
            if not head.startswith(f"HTTP/1.1 {expected} ".encode()):
                raise RuntimeError(f"{path}: {head!r}")
        except BaseException:
            link.drop()
            raise
        return link

    def drop(self):
        """At once, without a word."""
        self.writer.transport.abort()

    async def rest(self, seconds):
        """Reads nothing for so long."""
        self.writer.transport.pause_reading()
        await asyncio.sleep(seconds)
        self.writer.transport.resume_reading()


class EventStream(Link):
    name = "sse"

    @classmethod
    async def open(cls, address, since, is_narrow):
        fields = "Accept: text/event-stream\r\n" + (f"Last-Event-ID: {since}\r\n" if since else "")
        return await cls.request(address, "/api/v1/events?project=project", 200, fields, is_narrow)

    async def next(self):
        frame = (await self.reader.readuntil(b"\n\n")).decode()
        fields = dict(line.split(": ", 1) for line in frame.splitlines() if ": " in line)
        return fields.get("event"), fields.get("id"), json.loads(fields.get("data", "null"))


class Frames(Link):
    """RFC 6455, as a client of specd needs it."""

    @classmethod
    async def upgrade(cls, address, path, is_narrow):
        key = base64.b64encode(os.urandom(16)).decode()
        fields = ("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                  f"Sec-WebSocket-Key: {key}\r\n")
        return await cls.request(address, path, 101, fields, is_narrow)

    def send(self, text, opcode=1):
        payload = text.encode() if isinstance(text, str) else text
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack(">H", size)
        self.writer.write(bytes([0x80 | opcode]) + length + bytes(4) + payload)  # masked with zeros

    async def text(self):
        """The next one; pings are answered."""
        while True:
            first, size = await self.reader.readexactly(2)
            if size >= 126:
                width, code = (2, ">H") if size == 126 else (8, ">Q")
                size, = struct.unpack(code, await self.reader.readexactly(width))
            payload = await self.reader.readexactly(size)
            if first & 15 == 9:
                self.send(payload, 10)
            elif first & 15 == 8:
                raise ConnectionError("closed by the daemon")
            else:
                return payload.decode()


class WebSocket(Frames):
    name = "websocket"

    @classmethod
    async def open(cls, address, since, is_narrow):
        link = await cls.upgrade(address, "/api/v1/ws", is_narrow)
        wish = {"projects": ["project"], **({"since": since} if since else {})}
        link.send(json.dumps({"event": "subscribe", "data": wish}))
        return link

    async def next(self):
        message = json.loads(await self.text())
        if message["event"] == "error":
            raise RuntimeError(message)
        return message["event"], message.get("id"), message.get("data")


class SocketIo(Frames):
    name = "socket.io"

    @classmethod
    async def open(cls, address, since, is_narrow):
        link = await cls.upgrade(address, "/socket.io/?EIO=4&transport=websocket", is_narrow)
        link.send("40/specs,")
        wish = {"projects": ["project"], **({"since": since} if since else {})}
        link.send("42/specs," + json.dumps(["subscribe", wish]))
        return link

    async def next(self):
        packet = await self.text()
        if packet == "2":
            self.send("3")
        if packet.startswith(("41", "44")):
            raise ConnectionError("closed by the daemon: " + packet)
        if not packet.startswith("42/specs,"):
            return None, None, None
        event, data, *cursor = json.loads(packet[len("42/specs,"):])
        if event == "error":
            raise RuntimeError(data)
        return event, cursor[0] if cursor else None, data


KINDS = [WebSocket, EventStream, SocketIo]
