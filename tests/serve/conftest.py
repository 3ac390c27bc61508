"""Real servers in processes of their own, with an untrained detector that reports something in every function."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psutil
import pytest

from ..scan.exported import export_untrained

TEXT = "def pick(items, index):\n    if index < len(items) and items:\n        return items[index]\n    return None\n"
LONG = "total = first + second * third\n" * 100_000
"""Takes many seconds to analyse."""

TOKEN = "correct-horse-battery"


@dataclass
class Server:
    process: subprocess.Popen[str]
    port: int
    token: str | None = None

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, http.client.HTTPResponse, str]:
        """Status, response and text; what is neither bytes, text nor an iterator is sent as JSON."""
        given = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        data: Any = body if body is None or isinstance(body, bytes | str | Iterator) else json.dumps(body)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, data, given)
            response = connection.getresponse()
            return response.status, response, response.read().decode()
        finally:
            connection.close()

    def scan(self, *texts: str, path: str = "a.py") -> tuple[int, str]:
        status, _, text = self.ask("POST", "/scan", {"files": [{"path": path, "text": text} for text in texts]})
        return status, text

    def metric(self, name: str) -> float:
        found = re.search(rf"^{re.escape(name)} (\S+)$", self.ask("GET", "/metrics")[2], re.MULTILINE)
        return float(found[1]) if found else 0.0

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until it does."""
        end = time.monotonic() + 60
        while not holds():
            assert time.monotonic() < end
            time.sleep(0.02)

    def workers(self) -> list[psutil.Process]:
        """The processes that analyse."""
        return [child for child in psutil.Process(self.process.pid).children() if "spawn_main" in " ".join(child.cmdline())]


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


Start = Callable[..., Server]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts servers, and ends them."""
    model = export_untrained(tmp_path_factory.mktemp("exported") / "model")
    started: list[Server] = []

    def run(*arguments: str, token: str | None = None) -> Server:
        command = [sys.executable, "-m", "buglab", "serve", "--port=0", "--workers=1", "--min-confidence=0", f"--model={model}"]
        environment = os.environ | ({"BUGLAB_TOKEN": token} if token else {})
        process = subprocess.Popen([*command, *arguments], stderr=subprocess.PIPE, text=True, env=environment)
        assert process.stderr is not None
        said = ""
        for line in process.stderr:
            said += line
            if found := re.match(r"listening on http://[\d.]+:(\d+),", line):
                started.append(Server(process, int(found[1]), token))
                return started[-1]
        raise AssertionError(said)

    try:
        yield run
    finally:
        for server in started:
            server.process.kill()
            server.process.wait()
