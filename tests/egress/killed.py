"""`python -m tests.egress.killed FOLDER STORE SIDE`: leads effects to a side, in a process that may be killed."""

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


def main(folder: Path, store: Path, side: str) -> None:
    fd = os.open(folder / "journal", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(kind: str, body: Mapping[str, Any], *, durable: bool = False, beside: object = None) -> None:
        os.write(fd, json.dumps([kind, body]).encode() + b"\n")

    effects = [Effect.from_json(each) for each in json.loads((folder / "effects").read_text())]
    rules, blobs = load_rules("shop", folder / "rules"), Blobs(store, 1 << 30)
    live = HttpLive(rules, blobs, irreversible=1, resolver=lambda host, port: ["127.0.0.1"])
    live.apply(effects, "pre" if side == "pre" else "post", note)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
