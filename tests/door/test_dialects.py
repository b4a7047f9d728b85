"""Every dialect over a real socket and real jails, as its clients call it: right, wrong, broken, and out of time."""

from __future__ import annotations

import asyncio
import base64
from collections import Counter
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.jail

DOUBLE = "print(int(input()) * 2)\n"
WRONG = "print(4)\n"
BROKEN = "print(\n"
RAISES = "raise SystemExit(3)\n"
ENDLESS = "while True: pass\n"
TESTS = {"inputs": ["2", "-3"], "outputs": ["4", "-6"]}
SUM_CPP = "#include <iostream>\nint main() { int a, b; std::cin >> a >> b; std::cout << a + b << std::endl; }\n"


def post(http: httpx.Client, path: str, body: object) -> Any:
    answer = http.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def run_code(http: httpx.Client, code: str, stdin: str | None = "2", **more: object) -> Any:
    """As verl's client sends it."""
    body = {
        "compile_timeout": 10,
        "run_timeout": 1,
        "code": code,
        "stdin": stdin,
        "memory_limit_MB": 1024,
        "language": "python",
        "files": {},
        "fetch_files": [],
    }
    return post(http, "/run_code", {**body, **more})


def test_fusion_runs_code(http):
    found = run_code(http, DOUBLE)
    run = found.pop("run_result")
    assert found == {"status": "Success", "message": "", "compile_result": None, "executor_pod_name": None, "files": {}}
    assert (run["status"], run["return_code"], run["stdout"], run["stderr"]) == ("Finished", 0, "4\n", "")
    assert 0 < run["execution_time"] < 5


def test_fusion_says_how_a_program_failed(http):
    found = run_code(http, RAISES)
    assert (found["status"], found["run_result"]["status"], found["run_result"]["return_code"]) == (
        "Failed",
        "Finished",
        3,
    )
    found = run_code(http, BROKEN, None)
    assert (found["status"], found["run_result"]["return_code"]) == ("Failed", 1)
    assert "SyntaxError" in found["run_result"]["stderr"]
    found = run_code(http, ENDLESS, run_timeout=0.3)
    assert (found["status"], found["run_result"]["status"]) == ("Failed", "TimeLimitExceeded")
    assert found["run_result"]["return_code"] is None
    found = run_code(http, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert (found["status"], found["run_result"]["return_code"]) == ("Failed", -11)
    found = run_code(http, "x = bytearray(900 << 20)", memory_limit_MB=64)
    assert found["status"] == "Failed" and found["run_result"]["return_code"] != 0


def test_fusion_builds_and_says_what_does_not_compile(http):
    found = run_code(http, SUM_CPP, "3 4", language="cpp")
    assert (found["compile_result"]["return_code"], found["run_result"]["stdout"]) == (0, "7\n")
    found = run_code(http, "int main( {", "", language="cpp")
    assert (found["status"], found["run_result"]) == ("Failed", None)
    assert found["compile_result"]["status"] == "Finished"
    assert found["compile_result"]["return_code"] == 1
    assert "error" in found["compile_result"]["stderr"]


def test_fusion_takes_files_and_large_outputs(http):
    files = {"data.txt": base64.b64encode(b"\xff42").decode(), "none": None}
    assert run_code(http, "print(open('data.txt', 'rb').read())", files=files)["run_result"]["stdout"] == "b'\\xff42'\n"
    found = run_code(http, "print('x' * 1_000_000)")
    assert (found["status"], len(found["run_result"]["stdout"])) == ("Success", 1_000_001)


ROWS = {
    "CommonOJDataset": {
        "id": 1,
        "labels": {},
        "test": [
            {"input": {"stdin": "2"}, "output": {"stdout": "4"}},
            {"input": {"stdin": "-3"}, "output": {"stdout": "-6"}},
        ],
    },
    "AutoEvalDataset": {"test": {"code": "assert double(2) == 4\nassert double(-3) == -6"}},
    "MBPPDataset": [
        {
            "labels": {"test_setup_code": "import math"},
            "test": ["assert double(2) == 4", "assert double(0) == math.floor(0.5)"],
        }
    ],
    "HumanEvalDataset": {
        "labels": {"entry_point": "double"},
        "test": "def check(candidate):\n    assert candidate(2) == 4\n    assert candidate(0) == 0\n",
    },
}
SUBMITTED = {"CommonOJDataset": (DOUBLE, WRONG)}
FUNCTIONS = ("def double(n):\n    return n * 2\n", "def double(n):\n    return 4\n")


@pytest.mark.parametrize("dataset", ROWS)
def test_fusion_judges_submissions(http, dataset):
    right, wrong = SUBMITTED.get(dataset, FUNCTIONS)
    for program, accepted in ((right, True), (wrong, False), (BROKEN, False)):
        body = {
            "dataset": dataset,
            "id": 7,
            "completion": f"Here:\n```python\n{program}```",
            "config": {"language": "python", "provided_data": ROWS[dataset], "run_timeout": 5, "extra": {}},
        }
        found = post(http, "/submit", body)
        assert (found["id"], found["accepted"], found["extracted_code"]) == (7, accepted, program)
        assert all(test["passed"] for test in found["tests"]) == accepted
        assert {test["exec_info"]["status"] for test in found["tests"]} <= {"Success", "Failed"}


def piston(http: httpx.Client, code: str, stdin: str = "2", **more: object) -> Any:
    """As open-r1's client sends it, whose endpoint ends in /api/v2."""
    body = {"files": [{"name": "main.py", "content": code}], "stdin": stdin, "language": "python", "version": "*"}
    return post(http, "/api/v2/execute", {**body, **more})


def test_piston_runs_a_program(http):
    found = piston(http, DOUBLE)
    assert (found["language"], "compile" in found) == ("python", False)
    run = found["run"]
    assert {name: run[name] for name in ("stdout", "stderr", "output", "code", "signal", "status", "message")} == {
        "stdout": "4\n",
        "stderr": "",
        "output": "4\n",
        "code": 0,
        "signal": None,
        "status": None,
        "message": None,
    }
    assert run["memory"] > 0 and run["wall_time"] >= 0 and run["cpu_time"] >= 0


def test_piston_says_how_a_program_failed(http):
    run = piston(http, RAISES)["run"]
    assert (run["code"], run["status"]) == (3, "RE")
    run = piston(http, ENDLESS, run_timeout=300)["run"]
    assert (run["code"], run["signal"], run["status"]) == (None, "SIGKILL", "TO")
    run = piston(http, "import os; os.abort()")["run"]
    assert (run["code"], run["signal"], run["status"]) == (None, "SIGABRT", "SG")
    run = piston(http, BROKEN)["run"]
    assert (run["code"], run["status"]) == (1, "RE")


def test_piston_builds_more_than_one_file(http):
    files = [
        {"name": "main.cpp", "content": '#include "add.h"\n' + SUM_CPP.replace("a + b", "add(a, b)")},
        {
            "name": "add.h",
            "content": base64.b64encode(b"int add(int a, int b) { return a + b; }").decode(),
            "encoding": "base64",
        },
    ]
    found = piston(http, "", "3 4", files=files, language="c++")
    assert (found["compile"]["code"], found["run"]["stdout"]) == (0, "7\n")
    files[0]["content"] = "int main( {"
    found = piston(http, "", files=files, language="c++")
    assert found["compile"]["code"] == 1 and "error" in found["compile"]["stderr"]
    assert found["run"]["code"] != 0


def test_piston_lists_what_runs(http):
    found = http.get("/api/v2/runtimes").json()
    assert {"python", "cpp"} <= {each["language"] for each in found}
    assert found[0].keys() == {"language", "version", "aliases"}


def nemo(http: httpx.Client, code: str, **more: object) -> Any:
    body = {
        "generated_code": code,
        "std_input": "2",
        "timeout": 1.0,
        "language": "python",
        "max_output_characters": 100,
        "traceback_verbosity": "Plain",
    }
    return post(http, "/execute", {**body, **more})


def test_nemo_executes(http):
    assert nemo(http, DOUBLE) == {"process_status": "completed", "stdout": "4\n", "stderr": ""}
    assert nemo(http, "print('x' * 200)")["stdout"] == "x" * 100 + "<output cut>"
    assert nemo(http, BROKEN)["process_status"] == "error"
    assert nemo(http, ENDLESS, timeout=0.3)["process_status"] == "timeout"
    assert nemo(http, SUM_CPP, std_input="3 4", language="cpp")["stdout"] == "7\n"


def test_open_instruct_has_a_bit_for_each_test(http):
    asserts = ["assert double(2) == 4", "assert double(0) == 0", "assert double('a') == 'aa'"]
    found = post(http, "/test_program", {"program": FUNCTIONS[0], "tests": asserts, "max_execution_time": 1.0})
    assert found["results"] == [1, 1, 1] and all(0 < each < 5 for each in found["runtimes"])
    found = post(http, "/test_program", {"program": FUNCTIONS[1], "tests": asserts})
    assert (found["results"], found["runtimes"][1:]) == ([1, 0, 0], [-1.0, -1.0])
    assert post(http, "/test_program", {"program": BROKEN, "tests": asserts})["results"] == [0, 0, 0]
    pairs = [{"input": "2", "output": "4"}, {"input": "-3\n", "output": "-6\n"}]
    assert post(http, "/test_program_stdio", {"program": DOUBLE, "tests": pairs})["results"] == [1, 1]
    assert post(http, "/test_program_stdio", {"program": WRONG, "tests": pairs})["results"] == [1, 0]
    found = post(http, "/test_program_stdio", {"program": ENDLESS, "tests": pairs, "max_execution_time": 0.3})
    assert found["results"] == [0, 0]


def fenced(code: str) -> str:
    return f"So:\n```python\n{code}```<|im_end|>"


def test_openrlhf_has_scalars_for_one_sample_and_lists_for_more(http):
    def ask(*programs: str) -> Any:
        queries = ["Double it." + fenced(each) for each in programs]
        body = {"query": queries, "prompts": ["Double it."] * len(queries), "labels": [TESTS] * len(queries)}
        return post(http, "/openrlhf", body)

    assert ask(DOUBLE) == {"rewards": 1.0, "scores": 1.0, "extra_logs": {}}
    assert ask(WRONG) == {"rewards": 0.0, "scores": 0.5, "extra_logs": {}}
    assert ask(DOUBLE, WRONG, BROKEN)["rewards"] == [1.0, 0.0, 0.0]
    assert ask() == {"rewards": [], "scores": [], "extra_logs": {}}
    assert post(http, "/openrlhf", {}) == {"rewards": [], "scores": [], "extra_logs": {}}


def test_slime_has_a_number(http):
    for program, reward in ((DOUBLE, 1.0), (WRONG, 0.0), (BROKEN, 0.0)):
        assert post(http, "/slime", {"prompt": "?", "response": fenced(program), "label": TESTS}) == reward


def test_nemo_gym_has_its_body_with_a_reward(http):
    said = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": fenced(DOUBLE)}]}
    body = {
        "responses_create_params": {"input": []},
        "response": {"output": [said]},
        "verifier_metadata": {"unit_tests": TESTS},
    }
    found = post(http, "/verify", body)
    assert found["reward"] == 1.0
    assert {name: found[name] for name in body} == body


def test_a_thousand_calls_at_one_time_are_all_right(http):
    async def all_of_them() -> Counter[str]:
        limits = httpx.Limits(max_connections=1000)
        async with httpx.AsyncClient(base_url=str(http.base_url), timeout=120, limits=limits) as client:

            async def one(number: int) -> str:
                body = {
                    "code": f"# {number % 50}\n{DOUBLE}",
                    "stdin": str(number),
                    "language": "python",
                    "run_timeout": 5,
                }
                answer = await client.post("/run_code", json=body)
                while answer.status_code == 504:
                    await asyncio.sleep(float(answer.headers["Retry-After"]))
                    answer = await client.post("/run_code", json=body)
                found = answer.json()
                right = found.get("status") == "Success" and found["run_result"]["stdout"] == f"{number * 2}\n"
                return "right" if right else f"{answer.status_code} {answer.text[:300]}"

            return Counter(await asyncio.gather(*map(one, range(1000))))

    assert asyncio.run(all_of_them()) == {"right": 1000}
