"""The names of the wire, and the names by which the code speaks of them, are the same."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import fields

import grpc
import pytest

from sandbox.model import outcome
from sandbox.model.limits import Limits
from sandbox.model.status import Stage
from sandbox.v1 import action_pb2, job_pb2, matrix_pb2, reward_pb2, verdict_pb2
from tests.contract.package import modules

STUBS = {"action_pb2": action_pb2, "job_pb2": job_pb2, "matrix_pb2": matrix_pb2}
STUBS |= {"reward_pb2": reward_pb2, "verdict_pb2": verdict_pb2}


def names_used(stub: str) -> Iterator[tuple[str, str]]:
    """(module, name) for every `stub.name` in the package, and for every name imported from the stub."""
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == stub:
                yield module.name, node.attr
            elif isinstance(node, ast.ImportFrom) and node.module == f"sandbox.v1.{stub}":
                yield from ((module.name, alias.name) for alias in node.names)


@pytest.mark.parametrize("stub", STUBS)
def test_every_name_of_a_stub_that_the_code_uses_exists(stub: str) -> None:
    used = list(names_used(stub))
    assert used
    assert [(module, name) for module, name in used if not hasattr(STUBS[stub], name)] == []


def test_every_reason_for_a_rejection_is_one_of_the_wire() -> None:
    used = {
        keyword.value.value
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "reject" and isinstance(keyword.value, ast.Constant)
    }
    assert {"NOT_FOUND", "RESOURCE_EXHAUSTED", "CANCELLED", "FAILED_PRECONDITION"} <= used
    assert used <= set(verdict_pb2.RejectCode.keys())


def test_every_rejection_has_a_status_of_grpc() -> None:
    codes = set(verdict_pb2.RejectCode.keys()) - {"REJECT_CODE_UNSPECIFIED"}
    assert codes <= {status.name for status in grpc.StatusCode}


def test_every_kind_of_fault_is_one_of_the_wire() -> None:
    faults = [kind for _, kind in inspect.getmembers(outcome, inspect.isclass) if issubclass(kind, outcome.FaultError)]
    kinds = [fault.kind for fault in faults]
    assert len(set(kinds)) == len(kinds) == 5
    assert set(kinds) == set(verdict_pb2.FaultKind.keys()) - {"FAULT_KIND_UNSPECIFIED"}


def test_stages_are_the_statuses_of_the_wire_in_the_same_order() -> None:
    by_number = sorted(verdict_pb2.Status.items(), key=lambda item: item[1])
    assert [stage.name for stage in Stage] == [name for name, number in by_number if number]


def test_limits_are_those_of_the_wire_in_the_same_order() -> None:
    assert [field.name for field in fields(Limits)] == [field.name for field in job_pb2.Limits.DESCRIPTOR.fields]
