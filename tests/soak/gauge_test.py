"""Whether what grows is told from what does not."""
import unittest

from gauge import LIMITS, judge

USUAL = {"descriptors": 30, "threads": 13, "memory": 10 << 20, "database": 1 << 20}


def samples(count=100, **of_each):
    """One a second, with ten events in between; `of_each`: what a thing is at a second."""
    return [{"at": float(second), "events": 10 * second, **USUAL,
             **{name: value(second) for name, value in of_each.items()}} for second in range(count)]


def grown(taken):
    return [name for name, growth, limit, _ in judge(taken) if growth > limit]


class JudgeTest(unittest.TestCase):
    def test_what_stays_as_it_is_has_not_grown(self):
        self.assertEqual(grown(samples()), [])

    def test_what_a_start_fills_for_good_has_not_grown(self):
        self.assertEqual(grown(samples(memory=lambda second: min(second, 45) << 20)), [])

    def test_what_comes_and_goes_has_not_grown(self):
        self.assertEqual(grown(samples(descriptors=lambda second: 30 + 20 * (second % 2))), [])

    def test_a_leak_has(self):
        for name, limit in LIMITS.items():
            # A half has 50 seconds.
            leak = {name: lambda second, per_second=limit.growth / 40, name=name: USUAL[name] + per_second * second}
            self.assertEqual(grown(samples(**leak)), [name])

    def test_the_database_may_grow_by_what_happens(self):
        self.assertEqual(grown(samples(database=lambda second: 10 * second * 8_000)), [])
        self.assertEqual(grown(samples(database=lambda second: 10 * second * 20_000)), ["database"])


if __name__ == "__main__":
    unittest.main()
