"""Names of resources, taken apart for people: `files:a/b`, `sqlite:shop.db#orders/3`, `http:POST https://host/orders`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.cli.render import escaped

if TYPE_CHECKING:
    from sandbox.v1.action_pb2 import Effect

_OF_ROWS = ("sqlite", "postgres")


@dataclass(frozen=True, slots=True)
class Resource:
    """`table` and `key` are empty where it is no row. All of it can be printed."""

    backend: str
    name: str
    table: str = ""
    key: str = ""


def resource_of(effect: Effect) -> Resource:
    """The resource of an effect."""
    backend, _, name = effect.resource.partition(":")
    if backend in _OF_ROWS and "#" in name:
        # A path may hold a "#", the name of a table hardly ever.
        database, _, row = name.rpartition("#")
        table, _, key = row.partition("/")
        return Resource(escaped(backend), escaped(database), escaped(table), escaped(key))
    return Resource(escaped(backend), escaped(name))
