"""Leads effects to a side in a process of its own, which may be killed: `python -m tests.egress.killed FOLDER SIDE`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.effects.blobs import Blobs
from sandbox.effects.http.live import HttpLive
from sandbox.effects.http.rules import load_rules
from sandbox.model.effects import Effect


def main(folder: Path, side: str) -> None:
    fd = os.open(folder / "journal", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(kind: str, body: Mapping[str, Any], *, durable: bool = False) -> None:
        os.write(fd, json.dumps([kind, body]).encode() + b"\n")

    effects = [Effect.from_json(each) for each in json.loads((folder / "effects").read_text())]
    rules, blobs = load_rules("shop", folder / "rules"), Blobs(folder / "blobs", 1 << 30)
    live = HttpLive(rules, blobs, irreversible=1, resolver=lambda host, port: ["127.0.0.1"])
    live.apply(effects, "pre" if side == "pre" else "post", note)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
