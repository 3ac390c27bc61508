"""Starts the service: checks what it is told, listens, and on SIGTERM answers what is under way and ends."""

from __future__ import annotations

import ipaddress
import os
import re
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn

from ..scan.config import Settings
from ..scan.engine import Engine
from ..scan.errors import CannotScan
from .app import application
from .folder import Root
from .limits import Limits
from .service import Service

TOKEN = "BUGLAB_TOKEN"
SHORTEST_TOKEN = 16


@dataclass(frozen=True, slots=True)
class Place:
    """Where the service listens, and to whom."""

    host: str = "127.0.0.1"
    port: int = 8700
    """0: any that is free"""
    token_file: Path | None = None
    drain_s: float = 30.0
    """for answering what is under way when it is told to end"""


def serve(settings: Settings, limits: Limits, place: Place, root: Path | None, say: Callable[[str], None]) -> None:
    """Runs until SIGINT or SIGTERM.  Raises CannotScan if it cannot start."""
    token = find_token(place.token_file)
    if token is None and not _is_loopback(place.host):
        raise CannotScan(
            f"other machines can reach {place.host}: put a token into {TOKEN}, or into a file and name it with --token-file"
        )
    engine = Engine.prepare(settings)
    for sentence in engine.warnings():
        say(f"warning: {sentence}")
    app = application(Service(engine.judge, limits), None if root is None else Root.at(root, settings), token)
    listening = _listen(place)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,  # /metrics counts
        server_header=False,
        proxy_headers=False,
        limit_concurrency=limits.connections,
        timeout_graceful_shutdown=int(place.drain_s),
    )
    signal.signal(signal.SIGTERM, _end)  # what uvicorn passes on to once everything is answered
    server = uvicorn.Server(config)
    host, port = listening.getsockname()[:2]
    name = f"[{host}]" if ":" in host else host
    say(f"listening on http://{name}:{port}, {limits.workers} at a time, with the model {engine.model.name}")
    server.run(sockets=[listening])
    if not server.started:
        raise CannotScan("the service could not start; what prevented it is said above")


def find_token(path: Path | None) -> str | None:
    """From the file, else from the environment; raises CannotScan if there is one that will not do."""
    if path is not None:
        try:
            found, where = path.read_text(encoding="utf-8").strip(), str(path)
        except (OSError, UnicodeDecodeError) as error:
            raise CannotScan(f"cannot read the token in {path}: {getattr(error, 'strerror', None) or error}") from None
    elif TOKEN in os.environ:
        found, where = os.environ[TOKEN].strip(), TOKEN
    else:
        return None
    if not re.fullmatch(rf"[!-~]{{{SHORTEST_TOKEN},}}", found):
        raise CannotScan(
            f"the token in {where} must be at least {SHORTEST_TOKEN} ASCII characters without spaces; "
            "`python -c 'import secrets; print(secrets.token_urlsafe())'` makes one"
        )
    return found


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listen(place: Place) -> socket.socket:
    try:
        family = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((place.host, place.port), family=family, backlog=512)
    except OSError as error:
        raise CannotScan(f"cannot listen on {place.host} port {place.port}: {error.strerror or error}") from None


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)
