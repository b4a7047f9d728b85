"""Effects as backends record them, and names that a terminal should not be shown."""

from __future__ import annotations

import json
from typing import Any

from sandbox.v1 import action_pb2

Effect = action_pb2.Effect
MTIME = 1_700_000_000_123_456_789
HOSTILE = {
    "newline": b"a\nfiles:forged",
    "escape": b"a\x1b[2J\x1b]0;owned\x07",
    "carriage return": b"harmless\rharmful",
    "right to left": "a\u202egnp.exe".encode(),
    "zero width": "a\u200bb".encode(),
    "C1": "a\u009b31m".encode(),
    "255 bytes": b"n" * 255,
    "not UTF-8": b"a\xff\xfe",
    "line separator": "a\u2028b".encode(),
    "backspace": b"rm\x08\x08ls",
    "markup": b"[red]not markup[/red]",
}


def name_of(raw: bytes) -> dict[str, Any]:
    """The two fields that name a file."""
    try:
        return {"resource": f"files:{raw.decode()}"}
    except UnicodeDecodeError:
        return {"resource": f"files:{raw.decode(errors='backslashreplace')}", "resource_bytes": raw}


def entry(size: int, **fields: Any) -> dict[str, Any]:
    """A file as its backend records it."""
    plain = {"kind": "file", "mode": 0o644, "uid": 0, "gid": 0, "mtime_ns": MTIME, "size": size, "nlink": 1}
    return {**plain, "content": "ab" * 32, **fields}


def effect(name: str, op: str, pre: Any = None, post: Any = None, text: str = "", **fields: Any) -> Effect:
    """An effect, REVERSIBLE where nothing else is said."""
    return Effect(
        **{"resource": name, "op": op, "effect_class": "REVERSIBLE", **fields},
        pre_json="" if pre is None else json.dumps(pre),
        post_json="" if post is None else json.dumps(post),
        text=text,
    )


def hostile() -> list[Effect]:
    """A file of each hostile name, with hostile content."""
    text = "--- a\n+++ b\n@@ -1 +1 @@\n-\x1b[31mold\n+new\r\x1b]8;;http://x\x07\u202e\x0bforged\n"
    return [
        effect("", "create", None, entry(1, xattrs=[["user.\x1b[2J", "\n"]]), text, **name_of(raw))
        for raw in HOSTILE.values()
    ]


GOLDEN: dict[str, list[Effect]] = {
    "files": [
        effect(
            "files:src/a.py",
            "modify",
            entry(8, content="aa" * 32),
            entry(12, content="bb" * 32, mtime_ns=MTIME + 1),
            "--- a/src/a.py\n+++ b/src/a.py\n@@ -1,2 +1,2 @@\n one\n-two\n+\tthree\n",
        ),
        effect("files:logo.png", "modify", entry(2048, content="aa" * 32), entry(4096, content="bb" * 32)),
        effect("files:run.sh", "modify", entry(8), entry(8, mode=0o4755, uid=1000, gid=1000)),
        effect("files:new.txt", "create", None, entry(3), residue=["inode number"], effect_class="RESIDUE"),
        effect("files:old.txt", "delete", entry(3, xattrs=[["user.note", "kept"]]), None),
        effect("files:link", "modify", entry(3), {**entry(0), "kind": "symlink", "target": "../x", "content": ""}),
        effect("files:b", "rename", entry(3), {**entry(3), "moved_from": "a"}),
        effect("files:dir", "create", None, {"kind": "dir", "mode": 0o755, "uid": 0, "gid": 0, "mtime_ns": MTIME}),
    ],
    "rows": [
        effect("sqlite:shop.db#orders/1", "insert", None, {"id": 1, "who": "Ada", "paid": 0}),
        effect(
            "sqlite:shop.db#orders/2", "update", {"id": 2, "who": "Bob", "paid": 0}, {"id": 2, "who": "Bob", "paid": 1}
        ),
        effect("sqlite:shop.db#orders/3", "delete", {"id": 3, "who": "C\x1b[2Jyd\nx", "paid": None}, None),
        effect("postgres:shop#public.items/7", "insert", None, {"id": 7, "data": {"$bytes": "AA=="}, "l": "x" * 500}),
        effect("sqlite:a#b.db#t/1", "update", {"v": 1.5}, {"v": None}, effect_class="UNKNOWN"),
    ],
    "requests": [
        effect(
            "http:POST https://host/orders",
            "POST",
            None,
            {"status": 201, "location": "/orders/7"},
            effect_class="COMPENSATABLE",
            residue=["id 7 is used up"],
        ),
        effect("http:DELETE https://host/orders/7", "DELETE", effect_class="IRREVERSIBLE"),
        effect("queue:mail", "send", None, ["a", "b"]),
    ],
    "hostile": hostile(),
}
