"""Connection strings: given as they are, or as env:VAR, since everybody on a machine sees the list of processes."""

from __future__ import annotations

import os
from collections.abc import Iterable

from sandbox.cli.exits import UsageError

_VARIABLE = "env:"


def conninfo(option: str, given: str) -> str:
    """The connection string itself. Raises UsageError."""
    if not given.startswith(_VARIABLE):
        found = given
    else:
        variable = given.removeprefix(_VARIABLE)
        found = os.environ.get(variable, "")
        if not found:
            raise UsageError(f"{option} {given}: there is no such variable", fix=f"export {variable or 'VAR'}=...")
    if not found:
        raise UsageError(f"{option} names no server", fix="postgresql://HOST/DATABASE, or env:VAR")
    return found


def named(option: str, given: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """NAME=CONNINFO, each name once. Raises UsageError, which does not repeat what may hold a password."""
    found: dict[str, str] = {}
    for each in given:
        name, equals, rest = each.partition("=")
        # A URL without a name may have an `=`, too.
        if not equals or not name.isidentifier():
            raise UsageError(f"{option} gives a database no name", fix="NAME=CONNINFO; a name is letters, digits and _")
        if name in found:
            raise UsageError(f"{option} names {name} twice", fix="name each once")
        found[name] = conninfo(option, rest)
    return tuple(found.items())
