"""Too much at once, too slow, too long: refused with a sentence, and the service stays up."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from .conftest import LONG, TEXT, Server, Start, lines


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small file, large enough to be handed out alone, and one that takes too long."""
    folder = tmp_path_factory.mktemp("root")
    (folder / "a.py").write_text(TEXT + "# more\n" * 10_000)
    (folder / "b.py").write_text(LONG)
    (folder / "c.py").write_text(TEXT)
    return folder


@pytest.fixture(scope="module")
def server(start: Start, root: Path) -> Server:
    return start(f"--root={root}", "--queue=0", "--timeout=2")


def test_what_is_beyond_the_queue_is_refused_at_once(server: Server) -> None:
    body = json.dumps({"files": [{"path": "a.py", "text": TEXT}]})
    head = f"POST /scan HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as slow:
        slow.sendall(head.encode())
        server.until(lambda: server.metric("buglab_scans_admitted") == 1)
        status, response, text = server.ask("POST", "/scan", body)
        assert (status, response.headers["Retry-After"]) == (429, "1")
        assert json.loads(text) == {"detail": "1 scans are under way or waiting; try again in a second"}
        assert b" 408 " in slow.recv(1000)
    assert server.scan(TEXT)[0] == 200


def test_what_takes_too_long_is_ended(server: Server) -> None:
    status, text = server.scan(LONG)
    assert status == 504
    assert "took more than 2 seconds" in text
    server.until(lambda: server.ask("GET", "/healthz/ready")[0] == 200)
    assert server.scan(TEXT)[0] == 200
    assert server.metric("buglab_workers_lost_total") == 1


def test_findings_come_as_they_are_found_and_no_file_is_lost_in_silence(server: Server) -> None:
    status, _, text = server.ask("POST", "/scan/folder", {"path": "."})
    assert status == 200
    found = {one["filename"]: one["message"] for one in lines(text)}
    assert set(found) == {"a.py", "b.py", "c.py"}
    assert "had used up its 2 seconds" not in found["a.py"]
    assert "had used up its 2 seconds" in found["b.py"]
    assert "had used up its 2 seconds" in found["c.py"]


def test_a_page_that_renames_this_machine_is_not_answered(server: Server) -> None:
    assert server.ask("POST", "/scan", {"files": []}, Host="evil.example")[0] == 403
    assert server.ask("GET", "/metrics", Host=f"LOCALHOST:{server.port}")[0] == 200
