"""HumanEval-X: a problem's declaration, canonical solution and tests as one program that has to end with code 0.

The data set's harness runs Go's and Rust's tests by `go test` and `cargo test`. Here their test functions are called by
a main function, and `assert.New(t).Equal` of testify is a function of the program.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from sandbox.v1 import job_pb2

DATA = Path(os.environ.get("HUMANEVAL_X", "/usr/share/humaneval-x"))
# The runtime, and the name of the file.
LANGUAGES = {"cpp": "cpp", "go": "go", "java": "java", "javascript": "js", "rust": "rust"}
# The data set's harness adds those of them that a program uses, too.
_GO_PACKAGES = {"bytes", "crypto/md5", "fmt", "math", "math/rand", "reflect", "regexp", "sort", "strconv", "strings"}
_GO_PACKAGES |= {"testing", "time"}
_GO_CHECKS = """
type checks struct{ t *testing.T }

type checking struct{}

func (checking) New(t *testing.T) checks { return checks{t} }

func (c checks) Equal(expected, actual interface{}, _ ...interface{}) {
	if !reflect.DeepEqual(expected, actual) {
		panic(fmt.Sprintf("expected %v, and it is %v", expected, actual))
	}
}

var assert checking

func main() { NAME(nil) }
"""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem as one program."""

    id: str
    language: str
    source: str

    @property
    def request(self) -> job_pb2.ScoreRequest:
        """The job: nothing goes in, whatever comes out is right, and the exit code decides."""
        request = job_pb2.ScoreRequest(id=self.id, feedback=job_pb2.ALL, allow_unsafe_comparators=True)
        request.program.language, request.program.source = self.language, self.source
        request.tests.add(stdio=job_pb2.StdioTest(expected_stdout=""))
        return request


def problems(language: str) -> list[Problem]:
    """Every problem of a language. Raises FileNotFoundError where the data set is not here."""
    with gzip.open(DATA / f"humaneval_x_{LANGUAGES[language]}.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [Problem(row["task_id"], language, program(language, row)) for row in rows]


def program(language: str, row: dict[str, str]) -> str:
    """A row's texts as one program."""
    solution = row["declaration"] + row["canonical_solution"]
    if language == "go":
        return _go(row)
    if language == "rust":
        # Crates that a problem names and does not use are left out; those that it uses are not to be had.
        solution = re.sub(r"^use (rand::Rng|regex::Regex|md5);\n", "", solution, flags=re.MULTILINE)
        test = row["test"].replace("#[cfg(test)]", "").replace("#[test]", "").replace("fn test", "pub fn test", 1)
        name, module = re.search(r"fn (test\w+)", test), re.search(r"mod (\w+)", test)
        assert name is not None and module is not None
        return f"{solution}\n{test}\nfn main() {{ {module[1]}::{name[1]}() }}\n"
    if language == "javascript":
        # What `console.assert` finds is printed by it, and ends nothing.
        return f"console.assert = require('assert');\n{solution}\n{row['test']}"
    return f"{solution}\n{row['test']}"


def _go(row: dict[str, str]) -> str:
    """One file: the imports of the solution and of its test, each once."""
    name = re.search(r"func (Test\w+)", row["test"])
    assert name is not None
    # Helpers that a problem gives stand in its prompt alone.
    text = row["prompt"].replace(row["import"], "") + row["canonical_solution"] + row["test"]
    named = set(re.findall(r'"([\w./]+)"', row["import"] + row["test_setup"].partition("package main")[2]))
    named = {each for each in named if "." not in each} | _GO_PACKAGES
    text += _GO_CHECKS.replace("NAME", name[1])
    used = sorted(each for each in named if re.search(rf"\b{each.rpartition('/')[2]}\.", text))
    imports = "".join(f'\t"{each}"\n' for each in used)
    return f"package main\n\nimport (\n{imports})\n{text}"
