"""How much `buglab serve` answers, how it behaves under ten times as much, and whether it grows.

    python benchmarks/serve.py [--workers N] [--seconds S] [--requests N] [--model FOLDER]

The load comes from this process, the service is another one (with its own processes).  Files are pieces of the running
interpreter's standard library of about 200 lines.  Three parts: a closed loop of a few clients for ``--seconds``; ten times
the rate that it managed, sent whether answered or not; ``--requests`` more, while the memory of all its processes (sum of
resident set sizes) is noted.  A table; the last line is one JSON object.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import json
import re
import statistics
import subprocess
import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import psutil

STDLIB = Path(sysconfig.get_paths()["stdlib"])
LINES = 200

Measure = Callable[[argparse.Namespace, int, int], Coroutine[Any, Any, dict[str, object]]]
"""Of the command's options, the service's process id and its port."""


def pieces() -> Iterator[str]:
    """Whole top-level statements of the standard library, together at least 190 and at most 230 lines."""
    for path in sorted(STDLIB.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        rows = text.splitlines(keepends=True)
        begin = 0
        for statement in ast.parse(text).body:
            end = statement.end_lineno or 0
            if end - begin >= LINES - 10:
                if end - begin <= LINES + 30:
                    yield "".join(rows[begin:end])
                begin = end


@dataclass
class Answers:
    """What was answered: status -> seconds of each."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    wall: float = 0.0

    def add(self, status: str, seconds: float) -> None:
        self.seconds.setdefault(status, []).append(seconds)

    @property
    def counts(self) -> Counter[str]:
        return Counter({status: len(times) for status, times in self.seconds.items()})

    def percentile(self, percent: int, status: str = "200") -> float:
        times = self.seconds.get(status, [])
        return 1e3 * (statistics.quantiles(times, n=100)[percent - 1] if len(times) > 1 else sum(times))


def request(what: str, body: bytes) -> bytes:
    """The bytes of one request after which the connection is closed."""
    head = f"{what} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Client:
    """Asks the service, with a connection for each request, as many clients would."""

    def __init__(self, port: int, texts: Sequence[str]) -> None:
        self.port = port
        bodies = [json.dumps({"files": [{"path": f"piece{at}.py", "text": text}]}).encode() for at, text in enumerate(texts)]
        self.requests = cycle([request("POST /scan", body) for body in bodies])
        self.health = request("GET /healthz/ready", b"")

    async def ask(self, request: bytes, answers: Answers) -> None:
        began = time.perf_counter()
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(request)
            answer = await reader.read()
            writer.close()
            status = answer[9:12].decode() or "none"
        except OSError as error:
            status = type(error).__name__
        answers.add(status, time.perf_counter() - began)

    async def loop(self, clients: int, seconds: float = 1e9, requests: int = 10**9) -> Answers:
        """Clients that ask again as soon as they are answered."""
        answers, began = Answers(), time.perf_counter()
        mine = islice(self.requests, requests)

        async def one() -> None:
            while time.perf_counter() - began < seconds and (request := next(mine, None)) is not None:
                await self.ask(request, answers)

        await asyncio.gather(*(one() for _ in range(clients)))
        answers.wall = time.perf_counter() - began
        return answers

    async def flood(self, rate: float, seconds: float) -> tuple[Answers, Answers]:
        """``rate`` requests each second, answered or not; and whether the service says that it is ready, twice a second."""
        answers, health, began = Answers(), Answers(), time.perf_counter()
        running: set[asyncio.Task[None]] = set()
        sent = asked = 0
        while (now := time.perf_counter() - began) < seconds:
            while sent < now * rate:
                running.add(asyncio.create_task(self.ask(next(self.requests), answers)))
                sent += 1
            while asked < now * 2:
                running.add(asyncio.create_task(self.ask(self.health, health)))
                asked += 1
            await asyncio.sleep(0.005)
        await asyncio.gather(*running)
        answers.wall = time.perf_counter() - began
        return answers, health


def resident_mb(pid: int) -> float:
    """Of a process and all below it."""
    process = psutil.Process(pid)
    return sum(one.memory_info().rss for one in (process, *process.children(recursive=True))) / 1e6


def cpu_s(pid: int) -> float:
    process = psutil.Process(pid)
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(one.user + one.system for one in times)


async def measure(given: argparse.Namespace, pid: int, port: int) -> dict[str, object]:
    texts = list(pieces())
    lines = sum(text.count("\n") for text in texts) / len(texts)
    client = Client(port, texts)
    await client.loop(1, requests=10)
    alone = await client.loop(1, seconds=given.seconds / 3)
    before = cpu_s(pid)
    load = await client.loop(given.workers + 2, seconds=given.seconds)
    spent = cpu_s(pid) - before
    rate = load.counts["200"] / load.wall
    flood, health = await client.flood(10 * rate, given.seconds)
    memory = [resident_mb(pid)]
    for _ in range(10):
        await client.loop(given.workers + 2, requests=given.requests // 10)
        memory.append(resident_mb(pid))
    shares = {status: round(count / flood.counts.total(), 4) for status, count in sorted(flood.counts.items())}

    print(f"{len(texts)} files of {lines:.0f} lines, {given.workers} processes, load from another one\n")
    print(f"{'':<34}{'requests/s':>12}{'p50 ms':>10}{'p99 ms':>10}")
    for name, answers in (
        ("one client", alone),
        (f"{given.workers + 2} clients", load),
        ("ten times that: those accepted", flood),
    ):
        done = answers.counts["200"] / answers.wall
        print(f"{name:<34}{done:>12.1f}{answers.percentile(50):>10.0f}{answers.percentile(99):>10.0f}")
    print(f"{'its refusals (429)':<34}{flood.counts['429'] / flood.wall:>12.1f}", end="")
    print(f"{flood.percentile(50, '429'):>10.0f}{flood.percentile(99, '429'):>10.0f}")
    print(f"\nanswers under ten times the load: {shares}; ready meanwhile: {dict(health.counts)}")
    print(f"CPU ms for a request under load: {1e3 * spent / load.counts.total():.0f}")
    print(f"resident MB during {given.requests} more requests: {' '.join(f'{value:.0f}' for value in memory)}")
    return {
        "workers": given.workers,
        "requests_per_s": round(rate, 1),
        "p50_ms": round(load.percentile(50)),
        "p99_ms": round(load.percentile(99)),
        "alone_p50_ms": round(alone.percentile(50)),
        "alone_p99_ms": round(alone.percentile(99)),
        "cpu_ms": round(1e3 * spent / load.counts.total(), 1),
        "overload_shares": shares,
        "overload_requests_per_s": round(flood.counts["200"] / flood.wall, 1),
        "overload_p99_ms": round(flood.percentile(99)),
        "overload_ready": dict(health.counts),
        "requests": given.requests,
        "resident_mb": [round(value) for value in memory],
    }


@contextmanager
def service(workers: int, model: Path | None) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The service in a process of its own, and its port."""
    command = [sys.executable, "-m", "buglab", "serve", "--port=0", f"--workers={workers}"]
    command += [f"--model={model.resolve()}"] if model else []
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        found = re.search(r"listening on http://[\d.]+:(\d+)", process.stderr.readline())
        assert found is not None
        yield process, int(found[1])
    finally:
        process.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--requests", type=int, default=2_000)
    against_a_service(parser, measure)


def against_a_service(parser: argparse.ArgumentParser, measure: Measure) -> None:
    """Run ``measure`` on a service with the workers and the model that the command names, end it, and print all as JSON."""
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--model", type=Path)
    given = parser.parse_args()
    with service(given.workers, given.model) as (process, port):
        figures = asyncio.run(measure(given, process.pid, port))
        process.terminate()
        print(json.dumps(figures | {"exit_code": process.wait(timeout=60)}))


if __name__ == "__main__":
    main()
