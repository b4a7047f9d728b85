"""Rules that no linter knows: the length of modules, and who may catch everything."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator

import pytest

from tests.contract.package import CHECKOUT, Module, modules

LINES = 400
BROAD = {"Exception", "BaseException", "BaseExceptionGroup"}

# (module, function): places where whatever went wrong becomes something else. Everywhere else an error is named.
BOUNDARIES = {
    # A bug of ours becomes a fault, which has no number.
    ("sandbox.pipeline", "Pipeline.score"),
    ("sandbox.cli.embedded", "Embedded.score"),
    # A bug of ours becomes an exit code of ours.
    ("sandbox.cli.edge", "run"),
    # What the caller's own code raised is raised again, where the caller waits.
    ("sandbox.cli.feed", "feed.read"),
    ("sandbox.client.batch", "Batch._feed"),
    ("sandbox.client.batch", "Batch._one"),
    # Of a group of errors the one that matters is raised.
    ("sandbox.cli.loop", "_stoppable"),
}
# Inside a jail a program's exceptions are of any class: they are what is reported.
INSIDE = "sandbox.jail.init."


def broad_excepts(module: Module) -> Iterator[str]:
    """The functions that hold an `except` for everything which does not raise again."""
    yield from _broad(module.tree, [])


def _broad(node: ast.AST, path: list[str]) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _broad(child, [*path, child.name])
            continue
        if isinstance(child, ast.ExceptHandler) and _catches_all(child.type) and not _raises_again(child):
            yield ".".join(path)
        yield from _broad(child, path)


def _catches_all(kind: ast.expr | None) -> bool:
    if isinstance(kind, ast.Tuple):
        return any(_catches_all(each) for each in kind.elts)
    return kind is None or (isinstance(kind, ast.Name) and kind.id in BROAD)


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_no_module_is_longer_than_a_newcomer_reads() -> None:
    lengths = {module.name: len(module.path.read_text(encoding="utf-8").splitlines()) for module in modules()}
    assert {name: length for name, length in lengths.items() if length > LINES} == {}


def test_only_named_boundaries_catch_everything() -> None:
    found = {
        (module.name, function)
        for module in modules()
        if not module.name.startswith(INSIDE)
        for function in broad_excepts(module)
    }
    assert found == BOUNDARIES


def test_the_search_for_broad_excepts_finds_them() -> None:
    source = """
def quiet():
    try:
        pass
    except (ValueError, Exception):
        pass
class Cell:
    def loud(self):
        try:
            pass
        except BaseException:
            self.close()
            raise
    def bare(self):
        try:
            pass
        except:
            pass
"""
    assert list(_broad(ast.parse(source), [])) == ["quiet", "Cell.bare"]


def test_no_file_of_the_package_is_kept_out_of_the_repository() -> None:
    if not (CHECKOUT / ".git").exists():
        pytest.skip("not a checkout")
    folders = [CHECKOUT / name for name in ("sandbox", "runtimes", "policies", "proto", "tests")]
    files = [path for top in folders for path in top.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    asked = "\n".join(str(path.relative_to(CHECKOUT)) for path in files)
    command = ["git", "check-ignore", "--no-index", "--stdin"]
    answer = subprocess.run(command, cwd=CHECKOUT, input=asked, capture_output=True, text=True, check=False)
    assert answer.stdout.splitlines() == []
