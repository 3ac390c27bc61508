"""The HTTP application: its addresses, what they take and what they answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.security import HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST

from .. import __version__
from ..scan.errors import CannotScan
from ..scan.files import File
from ..scan.judge import FileReport
from ..scan.report import Context
from ..scan.report.json_lines import render
from .folder import Forbidden, Missing, Root
from .gate import Gate
from .messages import COUNTERS, LINES, Folder, PostedFiles, Problem, Status, answers, problems
from .service import Loaded, Service, posted
from .workers import Busy, Late


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
    app.add_exception_handler(400, _unreadable)
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
        responses=answers(400, 401, 403, 408, 413, 415, 422, 429, 503, 504),
    )
    async def scan(given: PostedFiles) -> Response:
        """Scan the files in the body."""
        return await stream([posted(file.path, file.text) for file in given.files])

    if root is not None:

        @app.post(
            "/scan/folder",
            dependencies=bearer,
            response_class=StreamingResponse,
            responses=answers(400, 401, 403, 404, 408, 413, 415, 422, 429, 503, 504),
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
        responses={200: COUNTERS, **problems(401, 403)},
    )
    async def metrics() -> Response:
        """Counters for Prometheus."""
        return Response(service.metrics.page(), media_type=CONTENT_TYPE_LATEST)

    return app


def _lines(report: FileReport, context: Context) -> bytes:
    return "".join(render(report.findings, context)).encode("utf-8", "backslashreplace")


async def _malformed(request: Request, error: Exception) -> JSONResponse:
    """Every complaint of the validation in one sentence."""
    assert isinstance(error, RequestValidationError)
    places = [".".join(str(step) for step in one["loc"]) + f": {one['msg']}" for one in error.errors()]
    more = f"; and {len(places) - 3} more" if len(places) > 3 else ""
    return JSONResponse({"detail": "; ".join(places[:3]) + more}, 422)


async def _unreadable(request: Request, error: Exception) -> JSONResponse:
    """FastAPI says that there was an error and keeps to itself which."""
    return JSONResponse({"detail": f"the body cannot be read as JSON: {error.__cause__ or error}"}, 400)


async def _failed(request: Request, error: Exception) -> JSONResponse:
    """What should not happen.  uvicorn logs what it was; who asked is not told, for it may name what lies on this machine."""
    return JSONResponse({"detail": "an error inside buglab; the service's log says which, please report it"}, 500)
