"""The token, as a bearer's, as gRPC has it, or as the password of a URL, for clients that can be told nothing else."""

from __future__ import annotations

import base64
import binascii

from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.door.refusals import unauthorized
from sandbox.server.auth import is_token

_OPEN = ("/health", "/v1/ping")


class RequireToken:
    """Lets nobody in without it; whether the server is up is told to everybody."""

    def __init__(self, app: ASGIApp, token: bytes) -> None:
        self._app, self._token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One call."""
        if scope["type"] != "http" or scope["path"] in _OPEN or self._holds(scope):
            await self._app(scope, receive, send)
        else:
            await unauthorized()(scope, receive, send)

    def _holds(self, scope: Scope) -> bool:
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        kind, _, value = given.partition(b" ")
        if kind.lower() == b"basic":
            try:
                value = base64.b64decode(value.strip(), validate=True).partition(b":")[2]
            except binascii.Error:
                return False
        elif kind.lower() != b"bearer":
            return False
        return is_token(value.strip(), self._token)
