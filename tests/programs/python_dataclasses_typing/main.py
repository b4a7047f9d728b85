from __future__ import annotations

import typing
from dataclasses import dataclass, field


@dataclass(order=True, slots=True)
class Item:
    price: int
    tags: list[Tag] = field(default_factory=list, compare=False)


class Tag(typing.NamedTuple):
    name: str


print(typing.get_type_hints(Item)["tags"], min(Item(3), Item(2, [Tag("cheap")])))
