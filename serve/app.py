"""The HTTP application: its addresses, what they take and what they answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.security import HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from .. import __version__
from ..scan.errors import CannotScan
from ..scan.files import File
from ..scan.judge import FileReport
from ..scan.report import Context
from ..scan.report.json_lines import render
from .folder import Forbidden, Missing, Root
from .gate import Gate
from .service import Loaded, Service, posted
from .workers import Busy, Late

LINES = "application/x-ndjson"


class Problem(BaseModel):
    """What went wrong, in a sentence."""

    detail: str


class Status(BaseModel):
    """The service, its detector, and how many processes can analyse now."""

    status: str
    version: str
    model: str
    workers: int


def _sound(text: str) -> str:
    """Half of a surrogate pair is no text."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"character {error.start} is half of a surrogate pair") from None
    return text


class PostedFile(BaseModel):
    """A file's text.  ``path`` is its name in reports and is never opened."""

    model_config = ConfigDict(extra="forbid")
    path: Annotated[str, AfterValidator(_sound), Field(min_length=1, max_length=1000, examples=["shop/cart.py"])]
    text: Annotated[str, AfterValidator(_sound), Field(examples=["def last(items):\n    return items[len(items)]\n"])]


class PostedFiles(BaseModel):
    """Files to scan, each on its own."""

    model_config = ConfigDict(extra="forbid")
    files: Annotated[list[PostedFile], Field(min_length=1, max_length=1000)]


class Folder(BaseModel):
    """A folder, or one file, below the one that the operator allowed."""

    model_config = ConfigDict(extra="forbid")
    path: Annotated[str, AfterValidator(_sound), Field(max_length=1000, examples=["shop"])] = "."


PROBLEMS = {
    400: "The body cannot be parsed.",
    401: "The token is missing or wrong.",
    403: "The path leads out of the folder that may be scanned, or the request was not addressed to localhost.",
    404: "There is nothing to scan there, or no folder may be scanned.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "The body is not what is asked for.",
    429: "Too many scans are under way; try again after the seconds in Retry-After.",
    503: "No process was free in time; try again after the seconds in Retry-After.",
    504: "The scan took too long before there was anything to report.",
}
FINDINGS = {
    "description": "A line of JSON for each finding, as they come: an item of the schema that `buglab schema` prints.",
    "content": {LINES: {"schema": {"type": "string"}}},
}
COUNTERS: dict[str, Any] = {"content": {"text/plain": {"schema": {"type": "string"}}}}


def application(service: Service, root: Root | None, token: str | None) -> FastAPI:
    """The ASGI application; its processes live from its startup to its shutdown."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            await service.workers.start()
            yield
        finally:
            service.workers.close()

    app = FastAPI(
        title="BugLab",
        version=__version__,
        summary="Finds probable bugs in Python code that is posted, or that lies below one folder.",
        lifespan=lifespan,
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
    )
    bearer = [Depends(HTTPBearer(auto_error=False))] if token is not None else []  # described here, checked by the gate
    app.add_middleware(Gate, service=service, token=token)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(Exception, _failed)
    context = Context(service.judge.model.name, service.judge.model.sha256)

    async def stream(files: Sequence[File], loaded: Loaded | None = None) -> Response:
        reports = service.scan(files, loaded)
        try:
            first = await anext(reports, None)
        except Busy:
            seconds = service.limits.seconds
            raise HTTPException(
                503, f"no process was free within {seconds:g} seconds; try again", {"Retry-After": "5"}
            ) from None
        except Late:
            raise HTTPException(
                504, f"the scan took more than {service.limits.seconds:g} seconds; ask for fewer or smaller files"
            ) from None

        async def lines() -> AsyncIterator[bytes]:
            if first is not None:
                yield _lines(first, context)
                async for report in reports:
                    yield _lines(report, context)

        return StreamingResponse(lines(), media_type=LINES)

    @app.post(
        "/scan",
        dependencies=bearer,
        response_class=StreamingResponse,
        responses=_answers(400, 401, 403, 408, 413, 415, 422, 429, 503, 504),
    )
    async def scan(given: PostedFiles) -> Response:
        """Scan the files in the body."""
        return await stream([posted(file.path, file.text) for file in given.files])

    if root is not None:

        @app.post(
            "/scan/folder",
            dependencies=bearer,
            response_class=StreamingResponse,
            responses=_answers(400, 401, 403, 404, 408, 413, 415, 422, 429, 503, 504),
        )
        async def scan_folder(given: Folder) -> Response:
            """Scan the Python files below a folder."""
            try:
                files = await asyncio.to_thread(root.files, given.path)
            except Forbidden as error:
                raise HTTPException(403, str(error)) from None
            except (Missing, CannotScan) as error:
                raise HTTPException(404, str(error)) from None
            return await stream(files, lambda chunk: asyncio.to_thread(root.loaded, chunk))

    def status(said: str) -> Status:
        return Status(status=said, version=__version__, model=context.model, workers=service.workers.alive)

    @app.get("/healthz/live")
    async def live() -> Status:
        """Whether the service answers at all."""
        return status("live")

    @app.get("/healthz/ready", responses={503: {"model": Problem, "description": "No process can analyse."}})
    async def ready() -> Status:
        """Whether it can scan."""
        if not service.workers.alive:
            raise HTTPException(503, "no process can analyse just now; the service is starting one")
        return status("ready")

    @app.get(
        "/metrics",
        dependencies=bearer,
        response_class=Response,
        responses={200: COUNTERS, **_problems(401, 403)},
    )
    async def metrics() -> Response:
        """Counters for Prometheus."""
        return Response(service.metrics.page(), media_type=CONTENT_TYPE_LATEST)

    return app


def _lines(report: FileReport, context: Context) -> bytes:
    return "".join(render(report.findings, context)).encode("utf-8", "backslashreplace")


def _answers(*codes: int) -> dict[int | str, dict[str, Any]]:
    return {200: FINDINGS} | _problems(*codes)


def _problems(*codes: int) -> dict[int | str, dict[str, Any]]:
    return {code: {"model": Problem, "description": PROBLEMS[code]} for code in codes}


async def _malformed(request: Request, error: Exception) -> JSONResponse:
    """Every complaint of the validation in one sentence."""
    assert isinstance(error, RequestValidationError)
    places = [".".join(str(step) for step in one["loc"]) + f": {one['msg']}" for one in error.errors()]
    more = f"; and {len(places) - 3} more" if len(places) > 3 else ""
    return JSONResponse({"detail": "; ".join(places[:3]) + more}, 422)


async def _failed(request: Request, error: Exception) -> JSONResponse:
    """What should not happen; uvicorn logs where it did."""
    return JSONResponse({"detail": f"an error inside buglab, please report it ({type(error).__name__}: {error})"}, 500)
