"""What every request passes before the application sees it: token, host, admission, size and time of its body; and counting."""

from __future__ import annotations

import asyncio
import hmac
import time

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .service import Full, Service

SCANS = ("/scan", "/scan/folder")
OPEN = ("/healthz/live", "/healthz/ready")
"""Answered without a token: whoever watches a container has none."""

PATHS = (*SCANS, *OPEN, "/metrics", "/openapi.json")
LOCAL = ("localhost", "127.0.0.1", "[::1]")


class Gate:
    """ASGI middleware.  Without a ``token`` only requests that were addressed to this machine are let in: a web page in a
    browser can have another name point here."""

    def __init__(self, app: ASGIApp, service: Service, token: str | None) -> None:
        self.app, self.service, self.token = app, service, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"] if scope["path"] in PATHS else "other"
        began, status = time.monotonic(), 499  # nobody waited for the answer

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._pass(scope, receive, counted)
        except HTTPException as error:
            refusal = JSONResponse({"detail": error.detail}, error.status_code, error.headers)
            await refusal(scope, receive, counted)
        except Exception:
            status = 500
            raise
        finally:
            self.service.metrics.requests.labels(path, status).inc()
            self.service.metrics.latency.labels(path).observe(time.monotonic() - began)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if scope["path"] not in OPEN:
            self._check(headers)
        if scope["path"] not in SCANS or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise HTTPException(415, "the body must be JSON: send Content-Type: application/json")
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise HTTPException(415, "the body must not be compressed: send it without Content-Encoding")
        try:
            with self.service.admitted():
                body = await self._body(headers, receive)
                if body is not None:
                    await self.app(scope, _replayed(body, receive), send)
        except Full:
            raise HTTPException(
                429,
                f"{self.service.limits.scans} scans are under way or waiting; try again in a second",
                {"Retry-After": "1"},
            ) from None

    def _check(self, headers: Headers) -> None:
        if self.token is None:
            name = headers.get("host", "").lower()
            if name not in LOCAL and name.rpartition(":")[0] not in LOCAL:
                raise HTTPException(403, "without a token this service only answers to localhost")
            return
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode("latin-1"), self.token.encode()):
            raise HTTPException(401, "send the header Authorization: Bearer TOKEN", {"WWW-Authenticate": "Bearer"})

    async def _body(self, headers: Headers, receive: Receive) -> bytes | None:
        """None if the client has gone."""
        limits = self.service.limits
        size = headers.get("content-length", "0")
        parts: list[bytes] = []
        total = int(size) if size.isdecimal() else 0
        if total <= limits.body_bytes:
            total = 0
            try:
                async with asyncio.timeout(limits.seconds):
                    while total <= limits.body_bytes:
                        message = await receive()
                        if message["type"] == "http.disconnect":
                            return None
                        parts.append(message.get("body", b""))
                        total += len(parts[-1])
                        if not message.get("more_body", False):
                            break
            except TimeoutError:
                raise HTTPException(408, f"the body did not arrive within {limits.seconds:g} seconds") from None
        if total > limits.body_bytes:
            raise HTTPException(413, f"the body has more than {limits.body_bytes:,} bytes; post fewer files at once")
        return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Gives ``body`` first, then whatever comes, which is that the client has gone."""
    waiting = [body]

    async def replay() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replay
