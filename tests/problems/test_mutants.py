"""Mutants are programs that compile, that differ from the solution and from each other, and that are named for it."""

import ast

import pytest

from sandbox.problems import Mutant, mutants

from .rows import problem, sample

SCALE = '''
def scale(numbers, by=2):
    """Every number, times `by`."""
    def times(number):
        return number * by + 0.5
    if not numbers:
        return []
    return [times(number) for number in numbers]
'''

PILE = """
class Pile:
    def __init__(self):
        self.all = [0]

    def top(self):
        return self.all[-1]
"""


def scale_mutants():
    scale = problem(solution=SCALE, entry_point="scale", continues=False)
    return {each.label: each.completion for each in mutants(scale)}


def body(source, name="scale"):
    """The statements of the function, without its docstring."""
    function = next(node for node in ast.parse(source).body if getattr(node, "name", "") == name)
    return ast.unparse(function.body[1:] if ast.get_docstring(function) else function.body)


def test_each_kind_of_mutant_is_made_of_a_solution():
    assert set(scale_mutants()) == {
        "returns None",
        "returns 0",
        "returns ''",
        "returns []",
        "returns one more",
        "returns one less",
        "returns a slice",
        "0.5 becomes 1.5 at 5:30",
        "without its last statement",
    }


def test_constants_take_the_place_of_the_whole_body():
    assert body(scale_mutants()["returns None"]) == "return None"


def test_returned_values_are_changed_in_the_function_itself_and_not_in_those_inside_it():
    source = body(scale_mutants()["returns one more"])
    assert "return number * by + 0.5\n" in source
    assert source.endswith("    return [] + 1\nreturn [times(number) for number in numbers] + 1")
    assert body(scale_mutants()["returns a slice"]).endswith("return [times(number) for number in numbers][:-1]")


def test_the_last_statement_is_dropped_and_a_single_one_replaced():
    assert body(scale_mutants()["without its last statement"]).endswith("    return []")
    single = {each.label: each.completion for each in mutants(problem())}
    assert body(single["without its last statement"], "double") == "pass"


def test_a_literal_is_named_by_its_place_in_the_program():
    labels = [each.label for each in mutants(problem(solution="    return 1 if number else 1\n"))]
    assert [label for label in labels if "becomes" in label] == ["1 becomes 2 at 3:12", "1 becomes 2 at 3:29"]


def test_true_and_false_are_no_numbers():
    assert not any("becomes" in each.label for each in mutants(problem(solution="    return True\n")))


def test_the_methods_of_a_class_are_mutated_one_by_one_and_its_beginning_is_not():
    labels = {each.label for each in mutants(problem(solution=PILE, entry_point="Pile", continues=False))}
    assert "top: 1 becomes 2 at 7:26" in labels
    assert all(label.startswith("top: ") for label in labels)


@pytest.mark.parametrize("each", sample(), ids=lambda each: f"{each.id}-{each.entry_point}")
def test_mutants_of_the_sample_compile_and_differ_from_the_solution_and_from_each_other(each):
    made = mutants(each)
    trees = {ast.dump(ast.parse(each.program(mutant.completion))) for mutant in made}
    assert len(trees) == len({mutant.label for mutant in made}) == len(made) >= 8
    assert ast.dump(ast.parse(each.program(each.solution))) not in trees


def test_a_mutant_equal_to_the_solution_is_none():
    labels = {each.label for each in mutants(problem(solution="    return 0\n"))}
    assert "returns 0" not in labels
    assert "returns None" in labels


@pytest.mark.parametrize("indent", ["  ", "    ", "\t"])
def test_a_prompt_that_ends_where_the_body_must_begin_is_closed_with_the_indentation_of_the_solution(indent):
    open_end = problem(prompt="def double(number):\n", solution=f"{indent}# twice\n{indent}return 2 * number\n")
    for mutant in mutants(open_end):
        ast.parse(open_end.program(mutant.completion))


@pytest.mark.parametrize("solution", ["    return (\n", "\0"])
def test_a_solution_that_does_not_compile_has_no_mutants(solution):
    assert mutants(problem(solution=solution)) == []


def test_a_solution_without_the_function_has_no_mutants():
    assert mutants(problem(entry_point="other")) == []


def test_a_mutant_is_a_completion_with_a_name():
    first, *_ = mutants(problem(solution="    return 0\n"))
    assert first == Mutant("returns None", "\n\ndef double(number):\n    return None")
