"""Parsing test code within bounds. Nothing here makes code that could run."""

from __future__ import annotations

import ast
import symtable
import threading
import warnings
from collections.abc import Callable
from typing import TypeVar

from sandbox.judge.lifting.refusal import Refusal

# A literal of this many characters still parses in about a second, with some 200 MB of nodes.
MAX_SOURCE = 512 * 1024

_Parsed = TypeVar("_Parsed")
# Warnings are switched off for the whole process while a source is parsed, so one parse has to end before the next.
_quiet = threading.Lock()


def parse(code: str) -> ast.Module:
    """The syntax tree of `code`, or a Refusal."""
    return _bounded(code, ast.parse)


def symbols(code: str) -> symtable.SymbolTable:
    """The symbol table of `code`, or a Refusal."""
    return _bounded(code, lambda source: symtable.symtable(source, "<tests>", "exec"))


def _bounded(code: str, read: Callable[[str], _Parsed]) -> _Parsed:
    if len(code) > MAX_SOURCE:
        raise Refusal(f"the test code has {len(code)} characters, more than {MAX_SOURCE}")
    try:
        with _quiet, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return read(code)
    except SyntaxError as error:
        refusal = Refusal(f"the test code does not parse: {error.msg}")
        refusal.line = error.lineno or 1
    except ValueError as error:
        refusal = Refusal(f"the test code does not parse: {error}")
    except (RecursionError, MemoryError):
        refusal = Refusal("the test code is nested too deeply")
    raise refusal
