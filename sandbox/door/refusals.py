"""What a call is refused with: never an answer of status 200, and never a number.

Busy, a fault of ours    the status that the dialect's client tries again, with Retry-After
JobError                 400: the field, what is wrong with it, and the way out
"""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from sandbox.errors import JobError

RETRY_AFTER_S = 1


class Busy(Exception):
    """There is no place for this call yet."""


class Faulted(Exception):
    """The server failed at this job; nothing was scored."""


def retry(status: int, message: str) -> Response:
    """Come again."""
    return _refusal(status, message, headers={"Retry-After": str(RETRY_AFTER_S)})


def bad(error: JobError, status: int = 400) -> Response:
    """The request is wrong."""
    text = f"{error.field}: {error.message}" if error.field else error.message
    return _refusal(status, f"{text} ({error.suggestion})" if error.suggestion else text, error.field, error.suggestion)


def _refusal(
    status: int, message: str, field: str = "", fix: str = "", headers: dict[str, str] | None = None
) -> Response:
    # Half a surrogate pair from a program cannot be sent.
    message, field = (text.encode("utf-8", "replace").decode()[:4000] for text in (message, field))
    # `message` is what Piston's clients print, `detail` what FastAPI's do.
    content = {"message": message, "detail": message, "field": field, "fix": fix}
    return JSONResponse(content, status, headers)


def unauthorized() -> Response:
    """No token, or a wrong one."""
    return _refusal(
        401,
        "the token is missing or wrong",
        fix="send it as `Authorization: Bearer TOKEN`, or in the URL: http://token:TOKEN@HOST:PORT/",
        headers={"WWW-Authenticate": 'Basic realm="sandbox"'},
    )
