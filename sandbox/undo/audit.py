"""Verdicts as records of the journal: enough of each to score it again by another scheme, without running anything."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.effects.blobs import Blobs
from sandbox.journal.record import Record
from sandbox.model.effects import Json
from sandbox.model.status import Stage
from sandbox.reward import Outcome, Scheme, Scored
from sandbox.reward.vector import Reward
from sandbox.undo.told import clipped

# A vector of more bytes than this lies in the blob store; the record holds its digest.
_INLINE = 8_192


def verdict_body(
    job: str,
    scheme: str,
    params: Mapping[str, Json],
    scored: Sequence[Scored],
    reward: Reward,
    receipt: Mapping[str, str],
    blobs: Blobs,
) -> dict[str, Json]:
    """The body of a "reward" record."""
    vector = [[each.id, each.score, each.weight, each.group, each.stage.name] for each in scored]
    body: dict[str, Json] = {
        "job": clipped(job),
        "scheme": scheme,
        "params": json.dumps(params, sort_keys=True),
        "value": reward.value,
        "receipt": dict(receipt),
        "tests": len(vector),
    }
    text = json.dumps(vector)
    if len(text) <= _INLINE:
        body["vector"] = vector
    else:
        body["vector_blob"] = blobs.put_bytes(text.encode())
    return body


@dataclass(frozen=True, slots=True)
class Rescored:
    """A verdict and what another scheme makes of it."""

    record: int
    action: str
    job: str
    before: float
    after: Reward


def rescore(records: Iterable[Record], scheme: Scheme, blobs: Blobs) -> Iterator[Rescored]:
    """Every verdict among `records` under `scheme`. Raises FileNotFoundError where evidence was let go."""
    for record in records:
        if record.kind != "reward":
            continue
        vector = record.body.get("vector")
        if vector is None:
            vector = json.loads(blobs.read(record.body["vector_blob"]))
        outcome = Outcome.of(_scored(each) for each in vector)
        yield Rescored(record.seq, record.action, record.body["job"], float(record.body["value"]), scheme(outcome))


def _scored(row: Sequence[Any]) -> Scored:
    name, score, weight, group, stage = row
    return Scored(name, Stage[stage] is Stage.ACCEPTED, float(score), float(weight), group, Stage[stage])
