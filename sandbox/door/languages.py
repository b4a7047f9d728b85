"""Languages as other sandboxes call them."""

from __future__ import annotations

_NAMES = {
    "python3": "python",
    "py": "python",
    "pypy3": "python",
    "c++": "cpp",
    "g++": "cpp",
    "gcc": "c",
}


def runtime_of(language: str) -> str:
    """The runtime's name here. An unknown one stays as it is, and is refused by that name."""
    return _NAMES.get(language.lower(), language.lower())
