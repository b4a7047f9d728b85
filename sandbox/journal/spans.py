"""Actions as OpenTelemetry spans, named and described as the GenAI conventions say of a tool's execution.

Made from the journal afterwards, so nothing is measured twice; the same action has the same ids at every export. Where
the caller sent a `traceparent`, the span is a child in the caller's own trace. Any exporter of the SDK takes them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from sandbox.journal.events import TRACEPARENT
from sandbox.journal.fold import ActionState, fold
from sandbox.journal.record import Record

_NAME = "execute_tool"
_FAILED = ("failed", "in_doubt", "quarantined", "denied")


class _Named(IdGenerator):
    """Ids that are made from names, so that exporting twice says the same thing twice."""

    def __init__(self) -> None:
        self.trace = self.span = 1

    def name(self, source: str, state: ActionState) -> None:
        self.trace = _id(16, source, state.session or state.action)
        self.span = _id(8, source, state.action)

    def generate_trace_id(self) -> int:
        return self.trace

    def generate_span_id(self) -> int:
        return self.span


def export_spans(actions: Iterable[Sequence[Record]], source: str, exporter: SpanExporter) -> int:
    """One span for each action's records. `source`: the journal's origin. How many. The exporter is not shut down."""
    ids, count = _Named(), 0
    provider = TracerProvider(
        sampler=ALWAYS_ON,
        resource=Resource({"service.name": "sandbox", "sandbox.journal.origin": source}),
        id_generator=ids,
        shutdown_on_exit=False,
    )
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("sandbox.journal")
    for records in actions:
        state = fold(records)
        if not state.action:
            continue
        ids.name(source, state)
        span = tracer.start_span(_NAME, _parent(state.traceparent), start_time=state.began, attributes=_told(state))
        for record in records:
            span.add_event(record.kind, {"sandbox.journal.seq": record.seq}, timestamp=record.ts)
        if state.status in _FAILED:
            span.set_status(trace.Status(trace.StatusCode.ERROR, state.error or state.status))
        # A clock that was set back must not make a span that ends before it begins.
        span.end(max(state.began, state.ended))
        count += 1
    return count


def _told(state: ActionState) -> dict[str, str | int | float]:
    told: dict[str, str | int | float | None] = {
        "gen_ai.operation.name": _NAME,
        "gen_ai.tool.name": "sandbox",
        "gen_ai.tool.type": "function",
        "gen_ai.tool.call.id": state.action,
        "gen_ai.conversation.id": state.session or None,
        "enduser.id": state.principal or None,
        "error.type": state.status if state.status in _FAILED else None,
        "process.exit.code": state.exit,
        "sandbox.action.status": state.status,
        "sandbox.action.redo_of": state.of or None,
        "sandbox.effects.count": state.count if state.count >= 0 else None,
        "sandbox.effects.class": None if state.cls is None else state.cls.name,
        "sandbox.effects.digest": state.effects or None,
        "sandbox.state.pre_root": state.pre_root or None,
        "sandbox.state.post_root": state.post_root or None,
        "sandbox.reward": state.reward,
    }
    return {name: value for name, value in told.items() if value is not None}


def _parent(traceparent: str) -> Context:
    """The caller's span; none where the header is missing or wrong. The environment's own context never counts."""
    empty = Context()
    found = TRACEPARENT.fullmatch(traceparent)
    if found is None:
        return empty
    context = trace.SpanContext(
        int(found[1], 16), int(found[2], 16), is_remote=True, trace_flags=trace.TraceFlags(int(found[3], 16) & 1)
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(context), empty)


def _id(size: int, *names: str) -> int:
    digest = hashlib.sha256("\0".join(names).encode()).digest()
    return int.from_bytes(digest[:size], "big") or 1
