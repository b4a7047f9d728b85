"""How the parts of lifting say no to each other. `lift` makes a `NotLiftable` of it; `sole_function` raises it."""

from __future__ import annotations

import ast


class Refusal(Exception):
    """This code is not lifted, for a reason that a person can read. `line` is 0 as long as nobody has filled it in."""

    def __init__(self, reason: str, node: ast.AST | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line: int = getattr(node, "lineno", 0)
