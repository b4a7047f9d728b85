"""Records and actions for others: CloudEvents and OpenTelemetry."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from opentelemetry.exporter.otlp.json.file.trace_exporter import FileSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from sandbox.journal.events import cloud_event, write_cloud_events
from sandbox.journal.record import Record
from sandbox.journal.spans import export_spans
from tests.journal.bodies import EXECUTED

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
BEGAN = 1_700_000_000_123_456_789


def record(seq: int, kind: Any, body: Any = None, *, action: str = "a", traceparent: str = "") -> Record:
    return Record(seq, BEGAN + seq * 1_000_000, seq, "s", action, "me", traceparent, kind, body or {})


def test_a_record_is_a_cloud_event_that_the_library_reads_again() -> None:
    out = io.BytesIO()
    body = {"exit": 0, "ino": 2**63, "é": None}
    assert (
        write_cloud_events([record(7, "executed", body, traceparent=TRACE), record(8, "gc", action="")], "log", out)
        == 2
    )
    first, second = out.getvalue().splitlines()
    found = JSONFormat().read(CloudEvent, first)
    assert (found.get_id(), found.get_source(), found.get_type()) == ("7", "log", "sandbox.journal.executed")
    assert (found.get_subject(), found.get_specversion()) == ("a", "1.0")
    assert found.get_time() == datetime.fromtimestamp(1_700_000_000, UTC).replace(microsecond=130_456)
    assert found.get_data() == body
    assert (found.get_extension("traceparent"), found.get_extension("sequence")) == (TRACE, "7".zfill(20))
    assert "subject" not in json.loads(second)


@pytest.mark.parametrize(
    "traceparent",
    ["", "00-" + "0" * 32 + "-b7ad6b7169203331-01", TRACE + "\n", TRACE.upper(), "01" + TRACE[2:], TRACE + "-x"],
)
def test_a_trace_that_is_none_is_left_out(traceparent: str) -> None:
    event = cloud_event(record(0, "planned", traceparent=traceparent), "log")
    assert event.get_extension("traceparent") is None
    (span,) = spans([record(0, "planned", traceparent=traceparent)])
    assert span.parent is None


def spans(*actions: list[Record]) -> tuple[ReadableSpan, ...]:
    exporter = InMemorySpanExporter()
    assert export_spans(actions, "log", exporter) == len(actions)
    return exporter.get_finished_spans()


def test_an_action_is_a_span_in_the_callers_trace() -> None:
    (span,) = spans(
        [
            record(0, "planned", traceparent=TRACE),
            record(1, "prepared"),
            record(2, "executed", EXECUTED),
            record(3, "held"),
        ]
    )
    assert span.name == "execute_tool"
    assert span.context is not None
    assert format(span.context.trace_id, "032x") == "0af7651916cd43dd8448eb211c80319c"
    assert span.parent is not None
    assert format(span.parent.span_id, "016x") == "b7ad6b7169203331"
    assert (span.start_time, span.end_time) == (BEGAN, BEGAN + 3_000_000)
    assert span.attributes is not None
    told = dict(span.attributes)
    assert told["gen_ai.operation.name"] == "execute_tool"
    assert (told["gen_ai.tool.call.id"], told["gen_ai.conversation.id"]) == ("a", "s")
    assert (told["sandbox.action.status"], told["sandbox.effects.count"]) == ("held", 12)
    assert told["sandbox.effects.class"] == "REVERSIBLE"
    assert [event.name for event in span.events] == ["planned", "prepared", "executed", "held"]
    assert span.status.is_ok


def test_an_action_that_failed_is_an_error() -> None:
    (span,) = spans([record(0, "planned"), record(1, "failed", {"error": "no such file"})])
    assert (span.status.is_ok, span.status.description) == (False, "no such file")
    assert span.attributes is not None
    assert span.attributes["error.type"] == "failed"


def test_the_same_journal_gives_the_same_ids_and_each_action_its_own() -> None:
    actions = [[record(0, "planned", action="a")], [record(1, "planned", action="b")]]
    ids = [(span.context.trace_id, span.context.span_id) for span in spans(*actions) if span.context]
    assert ids == [(span.context.trace_id, span.context.span_id) for span in spans(*actions) if span.context]
    assert len({trace for trace, _ in ids}) == 1  # one session
    assert len({span for _, span in ids}) == 2


def test_a_clock_that_was_set_back_makes_no_span_that_ends_before_it_begins() -> None:
    (span,) = spans([record(9, "planned"), record(0, "held")])
    assert span.start_time == span.end_time == BEGAN + 9_000_000


def test_spans_go_to_a_file_as_otlp_json(tmp_path: Path) -> None:
    path = tmp_path / "spans.jsonl"
    exporter = FileSpanExporter(path)
    export_spans([[record(0, "planned", traceparent=TRACE), record(1, "held")]], "log", exporter)
    exporter.shutdown()
    (resource,) = json.loads(path.read_text())["resourceSpans"]
    (span,) = resource["scopeSpans"][0]["spans"]
    assert (span["name"], span["traceId"]) == ("execute_tool", "0af7651916cd43dd8448eb211c80319c")
    assert {"key": "sandbox.journal.origin", "value": {"stringValue": "log"}} in resource["resource"]["attributes"]
