"""`sandbox admit` on small sets, against real jails: a sound problem, and one for each thing that can be wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Command, lines
from tests.problems.rows import DOUBLE
from tests.serving import Serving

pytestmark = pytest.mark.jail


def problem(name: str, source: str, *tests: dict[str, Any], language: str = "python", **fields: Any) -> dict[str, Any]:
    program = {"language": language, "source": source, "entry_point": "f" if "def f" in source else ""}
    return {"request": {"id": name, "program": program, "tests": [*tests], **fields}}


def reads(stdin: object, expected: object, **fields: Any) -> dict[str, Any]:
    return {"stdio": {"stdin": f"{stdin}\n", "expected_stdout": f"{expected}\n", **fields}}


def calls(argument: object, expected: object, comparator: str = "", **params: Any) -> dict[str, Any]:
    call: dict[str, Any] = {"args_json": json.dumps([argument]), "expected_json": json.dumps(expected)}
    if comparator:
        call["comparator"] = {"name": comparator, "params": params}
    return {"call": call}


DOUBLES = [reads(number, 2 * number) for number in range(3, 8)]
SHUFFLE = "import random\nitems = input().split()\nrandom.shuffle(items)\nprint(*items)\n"
ITEMS = "a b c d e f g h i j k l"
GOOD = problem("good", "print(int(input()) * 2)", *DOUBLES)
GOOD_C = problem(
    "good in c",
    '#include <stdio.h>\nint main(void) { int n; scanf("%d", &n); printf("%d\\n", n * 2); }',
    *DOUBLES,
    language="c",
)
GOOD_CALLS = problem("good calls", "def f(n):\n    return [n, n + 1]\n", *(calls(n, [n, n + 1]) for n in range(5)))
VACUOUS = problem(
    "vacuous",
    "def f(n):\n    return n + 1\n",
    calls(1, 2, "special", name="mbpp/164"),
    *(calls(n, n + 1) for n in range(5, 15)),
    allow_unsafe_comparators=True,
)
FLAKY = problem(
    "flaky",
    "import random\nn = int(input())\nprint(n * 2 if n < 7 or random.random() < 0.5 else n)",
    *DOUBLES,
    *[DOUBLES[-1]] * 9,
)
MAJORITY = problem(
    "majority",
    "print('odd' if int(input()) % 2 else 'even')",
    *(reads(n, "odd" if n % 2 else "even") for n in range(9)),
)
UNORDERED = problem("unordered", SHUFFLE, *[reads(ITEMS, ITEMS[::-1])] * 2)
SEVERAL = problem(
    "several",
    "import random\nn = int(input())\nprint(random.randrange(1, 10**6) * n)",
    *(reads(n, 3 * n, comparator={"name": "floats", "params": {"abs": 1e9, "ints_exact": False}}) for n in (7, 9)),
)
LISTED = problem("listed", "print(int(input()) * 2)", *DOUBLES, reads(50, 100, accepted=["1e2"]))
WRONG = problem("wrong", "print(0)", *DOUBLES)
BAD = problem("bad", "print(0)", *DOUBLES, policy="nonsense")


def reports(
    sandbox: Command, *problems: dict[str, Any] | str, code: int, options: tuple[str, ...] = ()
) -> dict[str, Any]:
    ended = sandbox("admit", "-", "--json", *options, stdin=lines(*problems))
    assert ended.code == code, ended.err
    return ended.answers


def words(report: dict[str, Any]) -> set[str]:
    return {reason.partition(":")[0] for reason in report["reasons"]}


def flags(report: dict[str, Any]) -> list[list[str]]:
    return [test["flags"] for test in report["tests"]]


def test_sound_problems_are_admitted_in_every_language_and_kind(sandbox: Command) -> None:
    found = reports(sandbox, GOOD, GOOD_C, GOOD_CALLS, GOOD["request"] | {"id": "bare"}, code=0)
    assert [*found] == ["good", "good in c", "good calls", "bare"]
    for report in found.values():
        assert (report["admitted"], report["reasons"], report["notes"], report["faults"]) == (True, [], [], [])
        assert flags(report) == [[]] * 5
        programs = [run["program"] for run in report["runs"]]
        assert programs[:5] == ["gold", "gold", "gold", "null", "echo"]
        assert len(programs) == 9


def test_what_is_wrong_with_a_problem_is_told_and_named(sandbox: Command) -> None:
    found = reports(sandbox, VACUOUS, FLAKY, MAJORITY, WRONG, code=1)
    assert not any(report["admitted"] for report in found.values())
    assert words(found["vacuous"]) == {"vacuous"}
    assert flags(found["vacuous"]) == [["vacuous"], *[[]] * 10]
    assert {"gold", "flaky"} <= words(found["flaky"])
    assert flags(found["flaky"])[:4] == [[]] * 4
    assert any("flaky" in each for each in flags(found["flaky"])[4:])
    assert found["majority"]["reasons"] == [
        "majority: a program that prints 'even' passes 5 of 9 (0.56, at most 0.20 is allowed)"
    ]
    assert "gold: the right program fails 3 of 3 runs" in found["wrong"]["reasons"][0]


def test_several_right_answers_are_suspected(sandbox: Command) -> None:
    found = reports(sandbox, UNORDERED, SEVERAL, LISTED, code=1)
    assert all("several_answers" in each for each in flags(found["unordered"]))
    assert "gold" in words(found["unordered"])
    assert any("different answers of the right program" in note for note in found["several"]["notes"])
    assert found["listed"]["admitted"] is True
    assert flags(found["listed"])[-1] == ["several_answers"]


def test_a_problem_of_one_answer_is_passed_by_a_constant(sandbox: Command) -> None:
    once = problem("once", "print(6 * 7)", reads("", 42))
    assert reports(sandbox, once, code=1)["once"]["reasons"] == [
        "constant: a program that prints '42' passes every test"
    ]


def test_the_share_that_a_constant_may_pass_can_be_set(sandbox: Command) -> None:
    assert reports(sandbox, MAJORITY, code=0, options=("--max-constant", "0.6"))["majority"]["admitted"]


def test_the_number_of_runs_can_be_set(sandbox: Command) -> None:
    found = reports(sandbox, GOOD, code=0, options=("--runs", "5"))
    assert [run["program"] for run in found["good"]["runs"]].count("gold") == 5


def test_rows_of_problem_sets_are_examined(sandbox: Command) -> None:
    more = {**DOUBLE, "test": DOUBLE["test"] + "    assert candidate(5) == 10\n"}
    found = reports(sandbox, more, code=0)["House/double"]
    assert found["admitted"]
    assert [run["program"] for run in found["runs"]][3:] == ["null", "echo", "returns 6", "returns 10"]


def test_lines_that_are_no_problem_are_bad_and_the_others_are_examined(sandbox: Command) -> None:
    found = reports(sandbox, "oops", BAD, {"text": "a story"}, GOOD, code=2)
    assert [report["admitted"] for report in found.values()] == [False, False, False, True]
    assert "bad: policy: no policy is called 'nonsense'" in found["bad"]["reasons"][0]


def test_what_is_admitted_is_written_as_it_came(sandbox: Command, tmp_path: Path) -> None:
    file, out = tmp_path / "problems.jsonl", tmp_path / "admitted.jsonl"
    odd = json.dumps({**GOOD, "level": 3}).replace(",", " ,")
    file.write_bytes(lines(WRONG, odd, BAD) + json.dumps(GOOD_CALLS).encode())
    assert sandbox("admit", file, "--out", out).code == 2
    assert out.read_bytes() == lines(odd, GOOD_CALLS)


def test_a_running_server_can_be_used(sandbox: Command, server: Serving) -> None:
    found = reports(sandbox, GOOD, WRONG, code=1, options=("--server", server.address))
    assert [report["admitted"] for report in found.values()] == [True, False]


def test_no_server_is_a_fault_and_no_verdict(sandbox: Command, tmp_path: Path) -> None:
    out = tmp_path / "admitted.jsonl"
    ended = sandbox("admit", "-", "--server", f"unix:{tmp_path}/none", "--out", out, stdin=lines(GOOD))
    assert ended.code == 3
    assert ended.text == ""
    assert out.read_bytes() == b""


def test_people_get_a_table_and_a_summary(sandbox: Command) -> None:
    ended = sandbox("admit", "-", stdin=lines(GOOD, WRONG, "oops"))
    rows = [line.split() for line in ended.text.splitlines()]
    assert rows[0] == ["id", "verdict", "tests", "why"]
    assert rows[1] == ["good", "admitted", "5"]
    assert rows[2][:4] == ["wrong", "rejected", "5", "gold:"]
    assert "1 of 3 admitted; 1 rejected; 1 no problem" in ended.text


def test_an_empty_file_is_bad_usage(sandbox: Command) -> None:
    ended = sandbox("admit", "-", stdin=b"\n")
    assert ended.code == 2
    assert "error[usage]: - holds no problems" in ended.err
