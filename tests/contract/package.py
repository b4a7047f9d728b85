"""The source of the package, as data: its modules, and what each of them imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
PACKAGE = CHECKOUT / "sandbox"


@dataclass(frozen=True)
class Module:
    """One module of ours, read but not imported."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    def imports(self) -> Iterator[str]:
        """The full names of all that it imports, wherever in the file, with relative ones resolved."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                source = self._source(node)
                for alias in node.names:
                    inner = f"{source}.{alias.name}"
                    yield inner if inner in _names() else source

    def _source(self, node: ast.ImportFrom) -> str:
        if node.level == 0:
            assert node.module is not None
            return node.module
        parts = self.name.split(".")
        base = parts[: len(parts) - node.level + self.is_package]
        return ".".join([*base, node.module] if node.module else base)


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package but the generated ones."""
    paths = [path for path in sorted(PACKAGE.rglob("*.py")) if path.parent != PACKAGE / "v1"]
    return tuple(Module(_name(path), path, ast.parse(path.read_text(encoding="utf-8"), str(path))) for path in paths)


@cache
def _names() -> frozenset[str]:
    return frozenset(_name(path) for path in PACKAGE.rglob("*.py"))


def _name(path: Path) -> str:
    parts = path.relative_to(CHECKOUT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
