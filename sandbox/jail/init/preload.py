"""Imports what candidates find ready, before anything that only the init needs."""

import importlib
import json
import os
import sys

_LIST = os.path.join(os.path.dirname(__file__), os.pardir, "preload.json")


def _load() -> "frozenset[str]":
    with open(_LIST, encoding="utf-8") as file:
        for name in json.load(file):
            importlib.import_module(name)
    return frozenset(name for name in sys.modules if name.partition(".")[0] != __name__.partition(".")[0])


KEPT = _load()
