"""`sandbox rollouts`: a run by step, groups side by side, and why tests failed."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.rollouts import Outcome, Rollout, RunFolder
from tests.cli.command import COMMAND, environment
from tests.cli.conftest import Here

RUN = Path(__file__).parents[1] / "rollouts" / "run"

OVERVIEW = """\
step  samples  reward  passed  groups  all-pass  all-fail  same  faults  tokens  verdicts
   1        8   0.333    0.0%       2         0         0     0       0      13  WRONG_ANSWER 3, RUNTIME_ERROR 3, \
COMPILE_ERROR 2
   2        8   0.714   42.9%       2         0         0     0       1      14  WRONG_ANSWER 3, ACCEPTED 3, \
RUNTIME_ERROR 1
   3        8   0.958   87.5%       2         1         0     0       0      18  ACCEPTED 7, RUNTIME_ERROR 1
"""

FAULTY = """\
step 2  task double  group 2-double
4 samples, 1 fault; mixed; mean 0.667, std 0.333
                   #0        #1     #2      #3
reward          0.667     1.000      –   0.333
advantage      +0.000    +0.333      –  -0.333
verdict         WRONG  ACCEPTED  fault   WRONG
               ANSWER                   ANSWER
tokens              9        18     18      10
small  public       ✓         ✓      –       ✓
below zero          ✓         ✓      –       ✗
two lines           ✗         ✓      –       ✗
#0  WRONG_ANSWER
  two lines  WRONG_ANSWER
    @ given "1\\n5\\n"
    @ line 1
     2
    -10
#2  fault
  JAIL: the jail could not be started: no space left on device
#3  WRONG_ANSWER
  below zero  WRONG_ANSWER
    @ given "-3\\n"
    @ line 1
    --6
    +9
  two lines  WRONG_ANSWER
    @ given "1\\n5\\n"
    @ line 1
    -2
    -10
    +1

✓ ACCEPTED  ✗ WRONG_ANSWER
"""

REPAIR = """\
step 2  task first  group 2-first
1 sample; no-signal; mean 1.000, std 0.000
              #1.0      #1.1
reward           –     1.000
advantage        –         –
verdict    RUNTIME  ACCEPTED
             ERROR
tokens          12        17
0  public        ✓         ✓
1                E         ✓
2                ✓         ✓
system: You write Python.
user: Write first(items): the first item, or None.
#1.0  RUNTIME_ERROR
  ```python
  def first(items):
      return items[0]
  ```
  1  RUNTIME_ERROR
    Traceback (most recent call last):
      File "/box/work/main.py", line 2, in first
        return items[0]
               ~~~~~^^^
    IndexError: list index out of range
#1.1  ACCEPTED
  asked again: One test failed: IndexError: list index out of range. Mend it.
  ```python
  def first(items):
      return items[0] if items else None
  ```

✓ ACCEPTED  E RUNTIME_ERROR
"""


def rollout(sample: int, **fields: object) -> Rollout:
    return Rollout(
        **{"step": 1, "task": "t", "group": "g", "prompt": "p", "completion": "c", **fields, "sample": sample}
    )


def test_a_run_is_shown_step_by_step(here: Here) -> None:
    assert here("rollouts", RUN).text == OVERVIEW
    assert here("rollouts", RUN, "--limit", "1").text.splitlines()[1:] == OVERVIEW.splitlines()[3:]


def test_a_group_is_shown_side_by_side_with_what_was_expected(here: Here) -> None:
    ended = here("rollouts", RUN, "--group", "2-double")
    assert (ended.code, ended.err) == (0, "")
    assert ended.text == FAULTY


def test_turns_of_a_repair_are_shown_in_their_order(here: Here) -> None:
    ended = here("rollouts", RUN, "--group", "2-first", "--turns", "--completions")
    titles = [line for line in ended.text.splitlines() if line.startswith("#")]
    assert titles == ["#0  ACCEPTED", "#1.0  RUNTIME_ERROR", "#1.1  ACCEPTED", "#2  RUNTIME_ERROR", "#3  WRONG_ANSWER"]
    assert "asked again: One test failed: IndexError: list index out of range. Mend it.\n" in ended.text


def test_one_repair_is_shown_whole(here: Here, tmp_path: Path) -> None:
    samples = [each for each in RunFolder(RUN).rollouts() if each.group == "2-first"]
    folder = RunFolder(tmp_path)
    folder.write_lines("rollouts.jsonl", [each.line() for each in samples if each.sample == 1])
    assert here("rollouts", tmp_path, "--turns", "--completions").text == REPAIR


@pytest.mark.parametrize(
    ("arguments", "samples"),
    [
        (["--step", "1", "--task", "double"], [0, 1, 2, 3]),
        (["--faults"], [2]),
        (["--step", "2", "--passing"], [1, 0, 1]),
        (["--step", "2", "--failing", "--faults"], [0, 2, 3, 2, 3]),
        (["--verdict", "compile_error"], [2, 2]),
        (["--verdict", "COMPILE_ERROR", "--verdict", "RUNTIME_ERROR", "--step", "1"], [2, 3, 1, 2, 3]),
        (["--step", "3", "--limit", "3"], [0, 1, 2]),
    ],
)
def test_conditions_choose_samples_and_json_prints_them_as_the_log_has_them(
    here: Here, arguments: list[str], samples: list[int]
) -> None:
    ended = here("rollouts", RUN, *arguments, "--json")
    found = [Rollout.parse(line) for line in ended.text.splitlines()]
    assert [each.sample for each in found] == samples
    logged = [*RunFolder(RUN).rollouts()]
    assert all(each in logged for each in found)


def test_json_has_the_turns_before_the_last_only_where_they_are_asked_for(here: Here) -> None:
    arguments = ("rollouts", RUN, "--group", "2-first", "--json")
    assert len(here(*arguments).out.splitlines()) == 4
    assert [json.loads(line)["turn"] for line in here(*arguments, "--turns").out.splitlines()] == [0, 0, 1, 0, 0]


def test_advantages_are_those_of_the_group_whichever_samples_are_shown(here: Here) -> None:
    text = here("rollouts", RUN, "--group", "2-double", "--passing").text
    assert "advantage        +0.333\n" in text


def test_groups_beyond_the_limit_are_counted(here: Here) -> None:
    ended = here("rollouts", RUN, "--turns", "--limit", "2")
    assert ended.text.count("\nstep ") + ended.text.startswith("step ") == 2
    assert ended.err == "4 more groups; --limit 6 shows all\n"


def test_nothing_that_a_terminal_obeys_comes_through(here: Here, tmp_path: Path) -> None:
    hostile = "a\x1b[2J\r\x9b31m\u202eb\x07\n\tc"
    test = Outcome(hostile, "WRONG_ANSWER", 0.0, detail=hostile, stdout=hostile, stderr=hostile)
    fields = {"task": hostile, "group": hostile, "prompt": hostile, "completion": hostile, "verdict": hostile}
    lines = [rollout(0, **fields, tests=(test,), reward=0.0), rollout(1, **fields, fault=hostile)]
    RunFolder(tmp_path).write_lines("rollouts.jsonl", [each.line() for each in lines])
    for arguments in ([], ["--completions", "--turns"], ["--json"]):
        ended = here("rollouts", tmp_path, *arguments)
        assert ended.code == 0, ended.err
        assert not {char for char in ended.text if not char.isprintable()} - {"\n"}


@pytest.mark.parametrize(
    ("arguments", "subject"),
    [
        (["--step", "9"], "has no such rollouts"),
        (["--task", "none", "--json"], "has no such rollouts"),
        (["--verdict", "WRONG"], "'WRONG' is not one of"),
        (["--limit", "0"], "0 is not in the range"),
    ],
)
def test_bad_usage_is_told(here: Here, arguments: list[str], subject: str) -> None:
    ended = here("rollouts", RUN, *arguments)
    assert ended.code == 2
    assert subject in ended.err


def test_a_run_of_nothing_is_told(here: Here, tmp_path: Path) -> None:
    (tmp_path / "rollouts.jsonl").touch()
    assert here("rollouts", tmp_path).code == 2


def test_the_curve_is_written(here: Here, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    ended = here("rollouts", RUN, "--plot", tmp_path / "curve.png")
    assert (ended.code, ended.out) == (0, b"")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")


def test_without_the_extra_the_curve_names_it(here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for name in [name for name in sys.modules if name.startswith("matplotlib.")]:
        monkeypatch.delitem(sys.modules, name)
    ended = here("rollouts", RUN, "--plot", tmp_path / "curve.png")
    assert ended.code == 3
    assert "fix: pip install 'reward-sandbox[train]'" in ended.err


@pytest.mark.parametrize(("columns", "beside"), [("160", True), ("70", False)])
def test_on_a_terminal_samples_are_panels_beside_each_other_where_there_is_room(columns: str, beside: bool) -> None:
    ours, theirs = pty.openpty()
    command = [*COMMAND, "rollouts", str(RUN), "--group", "2-double", "--completions"]
    changes = {"TERM": "xterm", "NO_COLOR": "1", "COLUMNS": columns, "LINES": "50"}
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment(**changes))
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # how a terminal ends
        pass
    finally:
        os.close(ours)
    assert process.wait(timeout=60) == 0
    titles = [line for line in shown.decode().splitlines() if "─ #" in line]
    assert ("#1  ACCEPTED" in titles[0]) is beside
