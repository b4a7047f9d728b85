"""Parsing the Python source of problems."""

from __future__ import annotations

import ast
import warnings


def parse(source: str) -> ast.Module:
    """The syntax tree, without the warnings that published sources are full of. Raises SyntaxError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        try:
            return ast.parse(source)
        except ValueError as error:  # a NUL character, in some versions of Python
            raise SyntaxError(str(error)) from error
