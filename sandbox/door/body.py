"""Reads what a client sends, with bounds, and checks it."""

from __future__ import annotations

import asyncio
import json
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import ClientDisconnect, Request

from sandbox.door.refusals import Busy
from sandbox.errors import JobError

_SECONDS = 60.0
Body = TypeVar("Body", bound=BaseModel)


class Asked(BaseModel):
    """A body. Fields that a dialect has and this server does not know are left alone."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=())


class Reader:
    """Bounds the bytes of one body, and of all that are in memory at one time."""

    def __init__(self, max_bytes: int, max_in_memory: int) -> None:
        self._max_bytes, self._max_in_memory = max_bytes, max_in_memory
        self.in_memory = 0

    async def read(self, request: Request) -> bytes:
        """The body; `forget` gives its place back. Raises JobError, Busy, ClientDisconnect."""
        # What a page in somebody's browser can send without asking first has another type.
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise JobError("Content-Type", f"{kind!r} is not application/json", "send JSON, and say so")
        data = bytearray()
        try:
            async with asyncio.timeout(_SECONDS):
                async for chunk in request.stream():
                    data += chunk
                    self.in_memory += len(chunk)
                    if len(data) > self._max_bytes:
                        raise JobError("", f"a body has at most {self._max_bytes} bytes", "send less at one time")
                    if self.in_memory > self._max_in_memory:
                        raise Busy
        except TimeoutError:
            self.forget(len(data))
            raise ClientDisconnect from None
        except BaseException:
            self.forget(len(data))
            raise
        return bytes(data)

    def forget(self, size: int) -> None:
        """A body is no longer needed."""
        self.in_memory -= size


def checked(kind: type[Body], data: bytes) -> Body:
    """The body as its type. Raises JobError for the first thing that is wrong."""
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        if (mended := _mended(data)) != data:
            return checked(kind, mended)
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(map(str, first["loc"]))
        known = ", ".join(kind.model_fields)
        raise JobError(field, first["msg"], f"the fields are: {known}" if first["type"] == "missing" else "") from None


def _mended(data: bytes) -> bytes:
    """A model may write half a surrogate pair, which JSON can escape and no file can hold: a question mark then."""
    if b"\\ud" not in data.lower():
        return data
    try:
        return json.dumps(json.loads(data), ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError):
        return data
