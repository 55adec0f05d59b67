"""Who listens: followers, who keep a view of all specs from events alone, and visitors, who come and go."""
import asyncio
import random

from clients import KINDS, Link


class Follower:
    """Keeps a view over connections that break off, are read slowly, and are of another kind each time."""

    def __init__(self, address, seed, is_slow):
        self.address, self.is_slow = address, is_slow
        self.chance = random.Random(seed)
        self.specs, self.versions = {}, {}
        self.last = None  # the id to go on from; None: the list has to be read
        self.is_settling = False
        self.connections = self.reads = 0

    async def run(self):
        while True:
            kind = self.chance.choice(KINDS)
            link = None
            try:
                link = await kind.open(self.address, self.last, self.is_slow)
                self.connections += 1
                stay = None if self.is_settling else self.chance.uniform(0.5, 6)
                await asyncio.wait_for(self.listen(link), stay)
            except (OSError, EOFError, asyncio.TimeoutError):
                await asyncio.sleep(0.05)  # as a client would, that comes back
            finally:
                if link:
                    link.drop()

    async def listen(self, link):
        # What is said first tells that the daemon listens, too: what comes after the list is then heard.
        is_begun = False
        while True:
            event, cursor, data = await link.next()
            self.hear(event, data)
            if event in ("subscriptions", "resync") or cursor:
                if event == "resync" or (self.last is None and not is_begun):
                    self.last = None
                    await self.read_list()
                is_begun = True
            if cursor:
                self.last = cursor
            if self.is_slow and not self.is_settling and self.chance.random() < 0.05:
                await link.rest(self.chance.uniform(0.1, 2))

    def hear(self, event, data):
        if event == "specs.batch":
            for each in data["events"]:
                self.learn(each)
        elif event and event.startswith("spec."):
            self.learn(data)

    def learn(self, event):
        key = event["key"]
        if event["version"] <= self.versions.get(key, 0):
            return
        self.versions[key] = event["version"]
        if event["type"] == "spec.deleted":
            self.specs.pop(key, None)
        else:
            self.specs[key] = {"project": event["project"], **event["metadata"]}

    async def read_list(self):
        self.reads += 1
        listed = await asyncio.to_thread(listed_specs, self.address)
        self.specs = listed
        self.versions = {key: spec["version"] for key, spec in listed.items()}


def listed_specs(address):
    return {spec["key"]: spec for spec in address.ask("GET", "/api/v1/specs?limit=100000")["specs"]}


class Visitors:
    """Come, perhaps hear something, and go, politely or not: what they leave behind would add up."""

    def __init__(self, address, seed):
        self.address, self.chance, self.count = address, random.Random(seed), 0

    async def run(self):
        while True:
            link = None
            try:
                link = await self.come()
                self.count += 1
            except (OSError, EOFError, asyncio.TimeoutError):
                pass
            finally:
                if link:
                    link.drop()
            await asyncio.sleep(self.chance.uniform(0.01, 0.1))

    async def come(self):
        if self.chance.random() < 0.2:  # a session of Socket.IO that is begun by polling, and left
            return await Link.request(self.address, "/socket.io/?EIO=4&transport=polling", 200)
        kind = self.chance.choice(KINDS)
        link = await kind.open(self.address, None, False)
        for _ in range(self.chance.randrange(3)):
            await asyncio.wait_for(link.next(), 1)
        return link
