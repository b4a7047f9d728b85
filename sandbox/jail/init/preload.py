"""Imports what candidates find ready, before anything that only the init needs."""

import importlib
import json
import os
import sys

_LIST = os.path.join(os.path.dirname(__file__), os.pardir, "preload.json")


def _known() -> "frozenset[str]":
    return frozenset(name for name in sys.modules if name.partition(".")[0] not in (__package__, "sitecustomize"))


with open(_LIST, encoding="utf-8") as _file:
    _WANTED = json.load(_file)
_AT_START = _known()
for _name in _WANTED["modules"]:
    importlib.import_module(_name)
KEPT = _known()
MODES: "list[str]" = _WANTED["modes"]


def packages() -> None:
    """Imports what the policy grants beyond the standard library, once it can be seen and the init cannot."""
    global KEPT
    for name in _WANTED["packages"]:
        importlib.import_module(name)
    KEPT = _known()


def give_way(entries: "list[str]") -> None:
    """Forgets modules that the program brings itself, so that its own are found, as they would have been."""
    for entry in entries:
        name = entry.removesuffix(".py")
        if name in KEPT - _AT_START:
            for each in [each for each in sys.modules if each.partition(".")[0] == name]:
                del sys.modules[each]
