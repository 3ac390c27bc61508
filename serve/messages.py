"""What the service takes and what it answers: the parts of its OpenAPI description."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

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
    415: "The body is not JSON, or compressed.",
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


def answers(*codes: int) -> dict[int | str, dict[str, Any]]:
    """What a scan may answer: findings, or one of these problems."""
    return {200: FINDINGS} | problems(*codes)


def problems(*codes: int) -> dict[int | str, dict[str, Any]]:
    """The description of these statuses."""
    return {code: {"model": Problem, "description": PROBLEMS[code]} for code in codes}
