"""What a process takes, sampled, and whether it grows.

Growth is the slope of the line of least squares through the second half of the samples, times the time that half
took: what came and went in between does not count, and neither does what a start fills for good.
"""
import os
import statistics
import time

MIB = 1 << 20


class Limit:
    def __init__(self, growth, unit):
        self.growth, self.unit = growth, unit


# Over the second half, however long it is.
LIMITS = {
    "descriptors": Limit(8, ""),  # as many as visitors may well have open at a moment
    "threads": Limit(1, ""),
    "memory": Limit(6 * MIB, " bytes"),
}
# The database keeps what happened, for as long as it is told to, so what counts is the room of each event: the event
# itself, the history of the change, and the content before it.
DATABASE_PER_EVENT = Limit(16 << 10, " bytes")


class Gauge:
    def __init__(self, pid, database):
        self.pid, self.database = pid, database
        self.samples = []

    def take(self, events):
        """`events`: how many there have been."""
        self.samples.append({"at": time.monotonic(), "events": events,
                             "descriptors": len(os.listdir(f"/proc/{self.pid}/fd")),
                             "threads": len(os.listdir(f"/proc/{self.pid}/task")),
                             "memory": private_bytes(self.pid),
                             "database": sum(os.path.getsize(path) for path in
                                             (self.database, self.database + "-wal") if os.path.exists(path))})


def private_bytes(pid):
    with open(f"/proc/{pid}/smaps_rollup") as lines:
        return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


def growth(xs, ys):
    """By the line of least squares, from the first x to the last."""
    if len(set(xs)) < 2:
        return 0.0
    return statistics.linear_regression(xs, ys).slope * (xs[-1] - xs[0])


def judge(samples):
    """(what, growth, limit, unit) of each thing; too much is above the limit."""
    half = samples[len(samples) // 2:]
    def column(name):
        return [sample[name] for sample in half]
    found = [(name, growth(column("at"), column(name)), limit.growth, limit.unit) for name, limit in LIMITS.items()]
    events = half[-1]["events"] - half[0]["events"]
    found.append(("database", growth(column("events"), column("database")),
                  max(events, 1) * DATABASE_PER_EVENT.growth, DATABASE_PER_EVENT.unit))
    return found
