"""Python's own opinion about test code, which is run with a function whose arguments are noted."""

import ast
import copy
import warnings
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Noted:
    """One assert as Python ran it: the calls that it made, as (args, kwargs), and whether it held."""

    calls: list[tuple[tuple, dict]]
    held: bool


class _Noting(ast.NodeTransformer):
    """Makes every assert report instead of raising, so that all of them are reached."""

    def visit_Assert(self, node):
        test = ast.Lambda(ast.arguments([], [], None, [], [], None, []), node.test)
        place = [ast.Constant(node.lineno), ast.Constant(node.col_offset)]
        call = ast.Call(ast.Name("__note__", ast.Load()), [*place, test], [])
        return ast.copy_location(ast.Expr(call), node)


def run(code: str, name: str, function: Callable[..., object], setup: str = "") -> list[Noted]:
    """All asserts of the code, in the order of the source, when `name` is the name of the function."""
    calls: list[tuple[tuple, dict]] = []
    noted: dict[tuple[int, int], Noted] = {}

    def stub(*args, **kwargs):
        calls.append((copy.deepcopy(args), copy.deepcopy(kwargs)))
        return function(*args, **kwargs)

    def note(line, column, test):
        calls.clear()
        try:
            held = bool(test())
        except Exception:  # noqa: BLE001 - an assert that raises anything has failed
            held = False
        noted[line, column] = Noted(list(calls), held)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.fix_missing_locations(_Noting().visit(ast.parse(code)))
        space: dict[str, object] = {"__note__": note, name: stub}
        exec(setup, space)
        exec(compile(tree, "<tests>", "exec"), space)
        if "check" in space:
            space["check"](stub)
    return [noted[place] for place in sorted(noted)]
