"""The token that callers have to send, where the server was given one."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc
from grpc import aio

from sandbox.errors import SandboxError

_SHORTEST = 16
_OPEN = "/grpc.health.v1.Health/"


def read_token(path: Path) -> bytes:
    """The token in a file. Raises SandboxError where it is unreadable, short, or open to other users."""
    try:
        mode, token = path.stat().st_mode, path.read_bytes().strip()
    except OSError as error:
        raise SandboxError(f"cannot read the token in {path}", why=str(error), fix="give a file of one line") from None
    if mode & 0o077:
        raise SandboxError(f"{path} can be read by other users", why="it holds a secret", fix=f"chmod 600 {path}")
    if len(token) < _SHORTEST or not token.isascii():
        raise SandboxError(
            f"the token in {path} has {len(token)} bytes",
            why=f"a token has at least {_SHORTEST}, all of them ASCII",
            fix=f"python -c 'import secrets; print(secrets.token_hex())' > {path}",
        )
    return token


def is_token(given: bytes, token: bytes) -> bool:
    """Whether they are equal; how long it takes does not depend on where they differ."""
    return hmac.compare_digest(given, token)


class RequireToken(aio.ServerInterceptor):
    """Answers UNAUTHENTICATED to whoever does not send it. Whether the server is up is told to everybody."""

    def __init__(self, token: bytes) -> None:
        self._token = token
        # Of this kind it does not wait for a first request; on the wire all kinds are the same.
        self._refusal: Any = grpc.stream_stream_rpc_method_handler(_refuse)

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """One call."""
        if str(handler_call_details.method).startswith(_OPEN) or self._holds(handler_call_details):
            return await continuation(handler_call_details)
        return self._refusal

    def _holds(self, details: grpc.HandlerCallDetails) -> bool:
        given = dict(details.invocation_metadata or ()).get("authorization", "")
        kind, _, value = given.partition(" ") if isinstance(given, str) else ("", "", "")
        return kind.lower() == "bearer" and is_token(value.strip().encode(), self._token)


async def _refuse(requests: object, context: aio.ServicerContext[Any, Any]) -> None:
    await context.abort(grpc.StatusCode.UNAUTHENTICATED, "the token is missing or wrong")
