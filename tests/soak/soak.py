#!/usr/bin/env python3
"""Lets a real daemon work for a while, and sees whether it grows and whether everybody has heard everything.

  soak.py SPECD SECONDS [SEED]

Meanwhile files are edited, specs created, renamed, archived and deleted, and branches checked out; clients of all
three kinds listen, read slowly, drop and come back. Ends with 0 if nothing grew beyond the limits of gauge.py, and if
each view that was built from events alone is at last what the API lists. A run with the same seed does the same things,
though not at the same moments.
"""
import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from clients import Address
from fleet import Follower, Visitors, listed_specs
from gauge import Gauge, judge
from world import World

FOLLOWERS, SLOW_FOLLOWERS, VISITORS = 9, 3, 3
SETTLE_SECONDS = 30
# Beats often, so that what is left behind is noticed within seconds and not minutes.
CONFIG = "batch_seconds: 2\nevents: {heartbeat_seconds: 2}\n"


class Daemon:
    def __init__(self, specd, folder, env):
        self.log = folder + "/log"
        with open(folder + "/config.yaml", "w") as file:
            file.write(CONFIG)
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [specd, "run", folder + "/project", "--config", folder + "/config.yaml", "--listen", "127.0.0.1:0"],
                env=env, stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            raise RuntimeError(f"no ready line, but {line!r}: {open(self.log).read()}")
        state = env["XDG_STATE_HOME"] + "/specd"
        self.database = state + "/specd.db"
        self.address = Address(int(line.rsplit(":", 1)[1].strip("/\n")), open(state + "/token").read().strip())

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            return self.process.wait(20)
        return self.process.returncode


def events_of(followers):
    """How many there have been, as those who listen know: an id ends with its number."""
    return max(int(follower.last.split("-")[1].split(".")[0]) if follower.last else 0 for follower in followers)


async def work(world, chance, until):
    next_checkout = 0
    while time.monotonic() < until:
        if time.monotonic() >= next_checkout:
            await asyncio.to_thread(world.check_out)
            next_checkout = time.monotonic() + chance.uniform(2, 6)
        await asyncio.to_thread(world.act)
        await asyncio.sleep(chance.uniform(0.005, 0.1))


async def sample(gauge, followers, every):
    while True:
        gauge.take(events_of(followers))
        await asyncio.sleep(every)


def differences(view, listed):
    """(key, what the view has, what is listed), of specs without the members that are the same."""
    for key in sorted({*view, *listed}):
        one, other = view.get(key), listed.get(key)
        if one and other:
            names = [name for name in {*one, *other} if one.get(name) != other.get(name)]
            one, other = ({name: each.get(name) for name in names} for each in (one, other))
        if one != other:
            yield key, one, other


def first_difference(followers, listed):
    return next((difference for each in followers for difference in differences(each.specs, listed)), None)


async def settle(address, followers):
    """What is wrong when everything is quiet."""
    for follower in followers:
        follower.is_settling = True
    settled = await asyncio.to_thread(address.ask, "POST", "/api/v1/sync", {"wait": True, "timeout_ms": 20_000})
    if not settled["in_step"]:
        return [f"not in step: {settled}"]
    listed = await asyncio.to_thread(listed_specs, address)
    deadline = time.monotonic() + SETTLE_SECONDS
    while (difference := first_difference(followers, listed)) and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    return ["a view is not as listed: {}: {} in the view, {} in the list".format(*difference)] if difference else []


async def soak(daemon, world, seconds, seed):
    followers = [Follower(daemon.address, seed + number, number < SLOW_FOLLOWERS) for number in range(FOLLOWERS)]
    visitors = [Visitors(daemon.address, seed + 100 + number) for number in range(VISITORS)]
    gauge = Gauge(daemon.process.pid, daemon.database)
    following = [asyncio.create_task(each.run()) for each in followers]
    passing = [asyncio.create_task(each.run()) for each in visitors]
    sampling = asyncio.create_task(sample(gauge, followers, max(0.2, seconds / 600)))
    working = asyncio.create_task(work(world, random.Random(seed), time.monotonic() + seconds))
    everything = [*following, *passing, sampling]
    # None of the others ends by itself, unless something is wrong with it.
    await asyncio.wait([working, *everything], return_when=asyncio.FIRST_COMPLETED)
    wrong = [repr(task.exception()) for task in [working, *everything] if task.done() and task.exception()]
    for task in [working, *passing, sampling]:
        task.cancel()
    await asyncio.gather(working, *passing, sampling, return_exceptions=True)
    if not wrong:
        wrong = await settle(daemon.address, followers)
        wrong += [repr(task.exception()) for task in following if task.done()]
    for task in following:
        task.cancel()
    await asyncio.gather(*following, return_exceptions=True)
    print(f"{world.edits} edits, {world.checkouts} checkouts, {events_of(followers)} events; "
          f"{sum(each.connections for each in followers)} connections of {FOLLOWERS} followers, "
          f"{sum(each.reads for each in followers)} lists read; {sum(each.count for each in visitors)} visits")
    return wrong, gauge.samples


def told(samples):
    """What grew too much, after a line about each thing."""
    wrong = []
    for name, grown, limit, unit in judge(samples):
        print(f"{name:<12} {samples[0][name]:>12} at first {samples[-1][name]:>12} at last "
              f"{grown:>+14.1f} over the second half, at most {limit}{unit}")
        if grown > limit:
            wrong.append(f"{name} grew by {grown:.1f}{unit} over the second half; at most {limit}{unit}")
    return wrong


def main(specd, seconds, seed=1):
    folder = tempfile.mkdtemp(prefix="specd-soak-")
    env = dict(os.environ, HOME=folder, XDG_STATE_HOME=folder + "/state", XDG_RUNTIME_DIR=folder + "/run",
               XDG_CONFIG_HOME=folder + "/config", XDG_DATA_HOME=folder + "/data", GIT_CONFIG_GLOBAL="/dev/null",
               GIT_AUTHOR_NAME="t", GIT_AUTHOR_EMAIL="t@example.org", GIT_COMMITTER_NAME="t",
               GIT_COMMITTER_EMAIL="t@example.org")
    os.mkdir(folder + "/project")
    world = World(folder + "/project", env, seed)
    daemon = Daemon(specd, folder, env)
    try:
        wrong, samples = asyncio.run(soak(daemon, world, seconds, seed))
        wrong += told(samples)
    finally:
        code = daemon.stop()
    if code != 0:
        wrong.append(f"the daemon ended with {code}")
    for line in wrong:
        print("FAILED:", line)
    if wrong:
        print(f"(seed {seed}; everything is in {folder})\n" + open(daemon.log).read()[-4000:])
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], float(sys.argv[2]), *map(int, sys.argv[3:])))
