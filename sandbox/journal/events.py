"""Records as CloudEvents 1.0, a line of JSON each: for whatever collects events."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import BinaryIO

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from sandbox.journal.record import Record

_TYPE = "sandbox.journal."
# W3C Trace Context, version 00; all zeros are no id.
TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")


def cloud_event(record: Record, source: str) -> CloudEvent:
    """One record. `source`: the journal's origin; with the id, which is the record's seq, it names the event."""
    attributes = {
        "id": str(record.seq),
        "source": source,
        "type": _TYPE + record.kind,
        "time": datetime.fromtimestamp(record.ts // 1_000_000_000, UTC).replace(
            microsecond=record.ts % 1_000_000_000 // 1000
        ),
        "datacontenttype": "application/json",
        # The extension of CloudEvents for order within a source.
        "sequence": f"{record.seq:020d}",
    }
    if record.action:
        attributes["subject"] = record.action
    for name in ("session", "principal"):
        if value := getattr(record, name):
            attributes[name] = value
    if TRACEPARENT.fullmatch(record.traceparent):
        attributes["traceparent"] = record.traceparent
    return CloudEvent(attributes, dict(record.body))


def write_cloud_events(records: Iterable[Record], source: str, file: BinaryIO) -> int:
    """Writes them as JSON lines. How many. Raises OSError."""
    form, count = JSONFormat(), 0
    for record in records:
        file.write(form.write(cloud_event(record, source)) + b"\n")
        count += 1
    return count
