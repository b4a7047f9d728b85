"""Suites, without a jail: whose file is whose, which modules stand in, and what the results come to."""

from __future__ import annotations

import json

import pytest

from sandbox.judge.cases import cases, read
from sandbox.judge.suite_plan import merge, modules_of, with_packages
from sandbox.model.plan import File
from sandbox.model.status import CaseStatus


def files(*paths: str) -> list[File]:
    return [File(path, path.encode()) for path in paths]


def lines(*told: object) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in told)


def result(name: str, status: str = "PASSED") -> dict[str, str]:
    return {"name": name, "status": status, "detail": ""}


@pytest.mark.parametrize(
    ("paths", "modules"),
    [
        (["shop.py"], {"shop"}),
        (["shop/__init__.py", "shop/cart.py"], {"shop", "shop.cart"}),
        (["shop/cart.py"], {"shop.cart"}),
        (["data.json", "not-a-name.py", "__init__.py"], set()),
    ],
)
def test_modules_are_what_can_be_imported(paths: list[str], modules: set[str]) -> None:
    assert modules_of(files(*paths)) == modules


def test_a_module_brings_the_packages_that_it_is_in() -> None:
    assert with_packages(["a.b.c", "d"]) == {"a", "a.b", "a.b.c", "d"}


RESERVED = "conftest.py deep/conftest.py pytest.ini setup.cfg pytest.py _pytest/runner.py unittest/case.py"
RESERVED += " sitecustomize.py x.pth __pycache__/test_a.cpython-312.pyc shop/fast.so"


@pytest.mark.parametrize("path", RESERVED.split())
def test_nothing_of_the_program_tells_the_runner_what_to_do(path: str) -> None:
    assert merge(files("shop.py", path), files("test_a.py")) == tuple(files("shop.py", "test_a.py"))


def test_a_file_of_the_tests_wins_and_so_does_a_folder() -> None:
    program = [
        File("test_a.py", b"theirs"),
        File("deep", b"a folder of the tests"),
        File("shop.py", b""),
    ]
    tests = files("test_a.py", "deep/test_b.py")
    assert merge(program, tests) == (File("shop.py", b""), *tests)


def test_every_scheduled_name_has_one_case_in_order() -> None:
    told = read(lines(result("b"), result("a", "FAILED"), result("other"), {"end": "word"}), 100)
    assert [(case.name, case.status) for case in cases(["a", "b", "c"], told)] == [
        ("a", CaseStatus.FAILED),
        ("b", CaseStatus.PASSED),
        ("c", CaseStatus.MISSING),
    ]
    assert told.ended == "word"


def test_a_name_with_two_results_has_not_passed() -> None:
    (case,) = cases(["a"], read(lines(result("a"), result("a")), 100))
    assert case.status is CaseStatus.DOUBLED


@pytest.mark.parametrize("status", ["MISSING", "DOUBLED", "passed", "ACCEPTED", 1, None, ["PASSED"]])
def test_what_a_run_may_not_say_counts_for_nothing(status: object) -> None:
    (case,) = cases(["a"], read(lines({"name": "a", "status": status}), 100))
    assert case.status is CaseStatus.MISSING


def test_lines_beyond_the_bound_are_not_read() -> None:
    told = read(lines(*(result(str(number)) for number in range(100))), 10)
    assert len(told.results) == 10


@pytest.mark.parametrize("line", [b"", b"[" * 100_000, b"{}", b"null", b"\xff\xfe", b'{"found": 3}', b'{"name": 3}'])
def test_a_line_that_says_nothing_is_left_out(line: bytes) -> None:
    assert cases(["a"], read(line + b"\n" + lines(result("a")), 100))[0].status is CaseStatus.PASSED
