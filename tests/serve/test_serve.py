"""Scanning over HTTP: what is posted, what lies below the folder, and what the service says of itself."""

from __future__ import annotations

import os
import signal
import socket
import threading
from pathlib import Path

import pytest
import schemathesis
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings

from buglab.cli.main import group

from .conftest import TEXT, TOKEN, Server, Start, lines


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that may be scanned, with links that lead out of it, beside one that may not."""
    top = tmp_path_factory.mktemp("served")
    (top / "secret.py").write_text("password = 'hush'\n")
    (top / "root" / "shop").mkdir(parents=True)
    (top / "root" / "shop" / "cart.py").write_text(TEXT)
    (top / "root" / "notes.txt").write_text("no code\n")
    (top / "root" / "out.py").symlink_to(top / "secret.py")
    (top / "root" / "away").symlink_to(top)
    os.mkfifo(top / "root" / "pipe.py")
    os.mkfifo(top / "root" / "shop" / ".gitignore")
    return top / "root"


@pytest.fixture(scope="module")
def server(start: Start, root: Path) -> Server:
    return start(f"--root={root}", "--max-bytes=20000", token=TOKEN)


def test_posted_files_are_scanned_one_finding_a_line(server: Server) -> None:
    files = {"files": [{"path": "a.py", "text": TEXT}, {"path": "../b.py", "text": "def broken(:\n"}]}
    status, response, text = server.ask("POST", "/scan", files)
    assert status == 200
    assert response.headers["Content-Type"] == "application/x-ndjson"
    found = lines(text)
    assert {(one["filename"], one["function"]) for one in found} >= {("a.py", "pick"), ("../b.py", "<module>")}
    assert found[-1]["code"] == "BL000"
    assert found[-1]["message"].startswith("syntax error")


def test_text_that_names_another_encoding_is_read_as_written(server: Server) -> None:
    status, text = server.scan("# coding: latin-1\ndef größe(a):\n    return 'ä' if a < 1 else ''\n")
    assert status == 200
    assert {one["function"] for one in lines(text)} >= {"größe"}


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        (b"{", 422, "JSON decode error"),
        (b"\xff\xfe", 422, ""),
        (b"[" * 5_000, 400, "the body cannot be read as JSON: maximum recursion depth exceeded"),
        (b'{"files": ' + b"9" * 5_000 + b"}", 400, "the body cannot be read as JSON: Exceeds the limit (4300 digits)"),
        ({"files": []}, 422, "body.files: List should have at least 1 item"),
        ({"files": [{"path": "a.py"}]}, 422, "body.files.0.text: Field required"),
        ({"files": [], "root": "/"}, 422, "body.root: Extra inputs are not permitted"),
        (
            b'{"files": [{"path": "a.py", "text": "\\ud800"}]}',
            422,
            "body.files.0.text: Value error, character 0 is half of a surrogate pair",
        ),
        ({"files": [{"path": "a.py", "text": "x" * 20_000}]}, 413, "the body has more than 20,000 bytes"),
    ],
)
def test_what_is_wrong_with_a_body_is_said_in_a_sentence(server: Server, body: object, status: int, sentence: str) -> None:
    found, _, text = server.ask("POST", "/scan", body)
    assert (found, sentence in text) == (status, True), text
    assert text.startswith('{"detail":"')
    assert server.ask("POST", "/scan", "x", Content_Type="text/plain")[0] == 415


def test_a_compressed_body_is_refused(server: Server) -> None:
    status, _, text = server.ask("POST", "/scan", b"\x1f\x8b\x08", Content_Encoding="gzip")
    assert (status, text) == (415, '{"detail":"the body must not be compressed: send it without Content-Encoding"}')


def test_bytes_that_are_no_request_are_refused_and_the_service_goes_on(server: Server) -> None:
    head = b"POST /scan HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    for sent in (
        b"\x16\x03\x01\x02\x00\x01" + b"\x00" * 100,  # how TLS begins
        b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        head + b"Content-Length: -5\r\n\r\n",
        head + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n[1,2]x",
        head + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n",
    ):
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
            connection.sendall(sent)
            assert connection.recv(1_000).startswith(b"HTTP/1.1 4")
    assert server.ask("GET", "/healthz/ready")[0] == 200


def test_a_body_of_unknown_length_is_cut_off(server: Server) -> None:
    assert server.ask("POST", "/scan", iter([b" " * 9_000] * 3))[0] == 413


def test_without_the_token_only_health_is_answered(server: Server) -> None:
    for claim in ("", "Bearer", "Bearer wrong", f"Basic {TOKEN}", "Bearer \xff"):
        status, response, text = server.ask("POST", "/scan", {"files": []}, Authorization=claim)
        assert (status, response.headers["WWW-Authenticate"]) == (401, "Bearer"), text
    assert server.ask("GET", "/metrics", Authorization="")[0] == 401
    assert server.ask("GET", "/healthz/live", Authorization="")[0] == 200
    assert server.ask("GET", "/healthz/ready", Authorization="")[0] == 200


def test_a_folder_is_scanned_and_nothing_outside_of_it(server: Server, root: Path) -> None:
    status, _, text = server.ask("POST", "/scan/folder", {"path": "."})
    assert status == 200
    found = {one["filename"]: one["message"] for one in lines(text)}
    assert set(found) == {"shop/cart.py", "out.py"}
    assert found["out.py"].endswith("the link leads out of the folder that may be scanned")
    assert {one["filename"] for one in lines(server.ask("POST", "/scan/folder", {"path": "shop"})[2])} == {"shop/cart.py"}
    for path in ("..", "../secret.py", "/etc", str(root.parent), "away", "away/secret.py", "out.py", "shop/../..", "\0"):
        status, _, text = server.ask("POST", "/scan/folder", {"path": path})
        assert status == 403, (path, text)
        assert "leads out of the folder" in text
    for path in ("missing", "notes.txt", "pipe.py", "shop/cart.py/x", "x" * 999):
        assert server.ask("POST", "/scan/folder", {"path": path})[0] == 404, path
    assert "hush" not in server.ask("POST", "/scan/folder", {})[2]


def test_it_counts_what_it_does(server: Server) -> None:
    before = [server.metric(name) for name in ("buglab_files_total", "buglab_lines_total")]
    server.scan(TEXT, TEXT)
    assert [server.metric(name) for name in ("buglab_files_total", "buglab_lines_total")] == [before[0] + 2, before[1] + 8]
    assert server.metric('buglab_requests_total{path="/scan",status="200"}') >= 1
    assert server.metric("buglab_scans_admitted") == 0


def test_a_process_that_dies_costs_one_file_and_is_replaced(server: Server) -> None:
    (worker,) = server.workers()
    worker.suspend()
    said: list[tuple[int, str]] = []
    asking = threading.Thread(target=lambda: said.append(server.scan(TEXT)))
    asking.start()
    server.until(lambda: server.metric("buglab_scans_admitted") == 1)
    worker.kill()
    asking.join()
    ((status, text),) = said
    assert status == 200
    assert "ended by SIGKILL" in lines(text)[0]["message"]
    server.until(lambda: server.ask("GET", "/healthz/ready")[0] == 200)
    assert lines(server.scan(TEXT)[1])[0]["function"] == "pick"


def test_the_description_holds_under_fuzzing(server: Server) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{server.port}/openapi.json", headers=headers)
    tried = 0
    for operation in schema.get_all_operations():

        @given(case=operation.ok().as_strategy())
        @settings(max_examples=8, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
        def check(case: schemathesis.Case) -> None:
            nonlocal tried
            tried += 1
            case.call_and_validate(headers=headers)

        check()
    assert tried > 10
    assert server.ask("GET", "/healthz/ready")[0] == 200


def test_told_to_end_it_answers_what_is_under_way(server: Server) -> None:
    """The last test of this server."""
    (worker,) = server.workers()
    worker.suspend()
    said: list[tuple[int, str]] = []
    asking = threading.Thread(target=lambda: said.append(server.scan(TEXT)))
    asking.start()
    server.until(lambda: server.metric("buglab_scans_admitted") == 1)
    server.process.send_signal(signal.SIGTERM)
    worker.resume()
    asking.join()
    assert said[0][0] == 200
    assert server.process.wait(timeout=60) == 0
    assert not worker.is_running()


def test_it_does_not_start_where_it_would_be_open_to_everyone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*arguments: str) -> str:
        ran = CliRunner().invoke(group, ["serve", "--port=0", *arguments])
        assert ran.exit_code == 2
        return ran.stderr

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.delenv("BUGLAB_TOKEN", raising=False)
    assert "other machines can reach 0.0.0.0: put a token into BUGLAB_TOKEN" in refused("--host=0.0.0.0")
    (tmp_path / "token").write_text("short\n")
    assert "must be at least 16 ASCII characters" in refused("--token-file=token")
    assert "--root nowhere is no folder" in refused("--root=nowhere")
