"""Whether `buglab serve` grows over a team's day.

    python benchmarks/serve_day.py [--requests 15000] [--workers N] [--share 1] [--seed N] [--model FOLDER]

A team of thirty that saves a file once a minute for a working day makes some 15,000 requests.  Here one client sends
``--requests`` of them and after each waits as long as leaves the service busy for ``--share`` of the time.  What is sent is
drawn anew each time (by ``--seed``) from the running interpreter's standard library and its tests: most often a file that was
sent before with one line changed, as an editor sends it, or as it was; else a file that is new to it, a long one, several
at once, one that breaks off in the middle, bytes that are no JSON, a client that goes away without its answer, and
questions for health and metrics.  The resident memory of the service and of its analysing processes is noted some forty times.
A table; the last line is one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from serve import STDLIB, Answers, Client, against_a_service, request

USUAL_BYTES, MOST_BYTES = 25_000, 150_000
"""Files have up to the one (some 700 lines), a few up to the other (some 4,000 lines)."""

OPEN_FILES = 300
"""So many files are being worked on, and come back."""

SAMPLES = 40

KINDS = {
    "saved again": 600,
    "as it was": 150,
    "another file": 150,
    "broken": 40,
    "health": 20,
    "several": 15,
    "gone": 10,
    "no JSON": 10,
    "long": 5,
}
"""Kind of request -> how many of a thousand."""


@dataclass
class Team:
    """Draws what is sent next."""

    random: random.Random
    usual: list[Path]
    long: list[Path]
    open: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, seed: int) -> Team:
        sizes = {path: path.stat().st_size for path in sorted(STDLIB.rglob("*.py")) if "site-packages" not in path.parts}
        usual = [path for path, size in sizes.items() if size <= USUAL_BYTES]
        team = cls(random.Random(seed), usual, [path for path, size in sizes.items() if USUAL_BYTES < size <= MOST_BYTES])
        team.open = [team.one_of(usual) for _ in range(OPEN_FILES)]
        return team

    def one_of(self, files: list[Path]) -> str:
        return self.random.choice(files).read_text(encoding="utf-8", errors="replace")

    def requests(self) -> Iterator[tuple[str, bytes]]:
        """(kind, bytes) without end."""
        while True:
            (kind,) = self.random.choices(list(KINDS), list(KINDS.values()))
            yield kind, self.request(kind)

    def request(self, kind: str) -> bytes:
        at = self.random.randrange(OPEN_FILES)
        match kind:
            case "saved again":
                rows = self.open[at].splitlines(keepends=True)
                rows.insert(self.random.randrange(len(rows) + 1), f"# {self.random.random()}\n")
                self.open[at] = "".join(rows)
            case "another file":
                self.open[at] = self.one_of(self.usual)
            case "several":
                return scan_of([self.one_of(self.usual) for _ in range(5)])
            case "long":
                return scan_of([self.one_of(self.long)])
            case "broken":
                return scan_of([self.open[at][: self.random.randrange(len(self.open[at]) + 1)]])
            case "no JSON":
                return request("POST /scan", self.random.randbytes(1_000))
            case "health":
                return request(self.random.choice(["GET /healthz/ready", "GET /metrics"]), b"")
        return scan_of([self.open[at]])


def scan_of(texts: list[str]) -> bytes:
    body = {"files": [{"path": f"folder/file{at}.py", "text": text} for at, text in enumerate(texts)]}
    return request("POST /scan", json.dumps(body).encode())


async def go_away(port: int, data: bytes) -> None:
    """Ask, and do not wait for the answer."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    await writer.drain()
    writer.close()


def resident_mb(pid: int) -> tuple[float, float]:
    """Of the service, and of the processes below it that analyse."""
    process = psutil.Process(pid)
    below = sum(child.memory_info().rss for child in process.children(recursive=True))
    return process.memory_info().rss / 1e6, below / 1e6


async def day(given: argparse.Namespace, pid: int, port: int) -> dict[str, object]:
    team, client, answers = Team.of(given.seed), Client(port, []), Answers()
    kinds: Counter[str] = Counter()
    memory = []
    began = time.perf_counter()
    print(f"{'requests':>10}{'hours':>8}{'service MB':>12}{'processes MB':>14}", flush=True)
    for number, (kind, data) in zip(range(given.requests + 1), team.requests(), strict=False):
        if number % (given.requests // SAMPLES) == 0:
            memory.append(resident_mb(pid))
            hours = (time.perf_counter() - began) / 3600
            print(f"{number:>10,}{hours:>8.2f}{memory[-1][0]:>12.1f}{memory[-1][1]:>14.1f}", flush=True)
        kinds[kind] += 1
        started = time.perf_counter()
        if kind == "gone":
            await go_away(port, data)
        else:
            await client.ask(data, answers)
        await asyncio.sleep((time.perf_counter() - started) * (1 / given.share - 1))
    total = [sum(pair) for pair in memory]
    later = total[len(total) // 2 :]
    slope, _ = statistics.linear_regression(range(len(later)), later)
    per_thousand = slope * SAMPLES / given.requests * 1e3
    print(f"\n{dict(kinds)}\nanswers: {dict(answers.counts)}")
    print(f"p50 {answers.percentile(50):.0f} ms, p99 {answers.percentile(99):.0f} ms")
    print(f"growth in the second half: {per_thousand:+.2f} MB for a thousand requests")
    return {
        "requests": given.requests,
        "workers": given.workers,
        "hours": round((time.perf_counter() - began) / 3600, 2),
        "answers": dict(answers.counts),
        "resident_mb": [round(total[len(memory) * quarter // 4 - (quarter == 4)], 1) for quarter in range(5)],
        "most_mb": round(max(total), 1),
        "mb_per_thousand_in_second_half": round(per_thousand, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=15_000, help="at least 40")
    parser.add_argument("--share", type=float, default=1.0, help="of the time in which the service is busy")
    parser.add_argument("--seed", type=int, default=0)
    against_a_service(parser, day)


if __name__ == "__main__":
    main()
