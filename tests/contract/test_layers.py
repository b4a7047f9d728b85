"""Imports run one way. The line is drawn here."""

from __future__ import annotations

import sys

from tests.contract.package import Module, modules

# A part may import those of earlier rows, and those of its own row that stand before it.
ORDER = [
    ["errors", "structs", "v1", "model", "tasks", "rollouts", "selection", "receipt", "flights", "settings"],
    ["toml_lines", "datafiles", "policies", "runtime_table", "runtimes", "commands", "programs"],
    ["seccomp", "plan", "action_plan", "planner"],
    ["jail", "catalog"],
    ["effects"],
    ["journal"],
    ["build"],
    ["programs", "judge"],
    ["reward"],
    ["minimums", "check", "suites", "coalesce", "canary", "decided", "run", "answer"],
    ["undo"],
    ["pipeline", "selftest", "engine", "matrix"],
    # The doors: gRPC, and HTTP beside it, which takes its places from the same queue.
    ["server", "door"],
    ["doctor", "problems", "admission", "cli"],
]
RANK = {part: rank for rank, part in enumerate(part for row in ORDER for part in row)}
# The package's own front: it loads the client when a name of it is first used.
FRONT = "sandbox"
# Run as a program by its name, and so above all that it imports.
PROGRAM = "sandbox.problems.__main__"
# Verbs that ask a server for actions or for a matrix use the client's calls, and no second implementation of them.
USE_THE_CLIENT = {"sandbox.cli.acting", "sandbox.cli.matrices"}
# The client is a package of its own inside this one: it needs the wire and little else.
CLIENT_KNOWS = {"sandbox.errors", "sandbox.model", "sandbox.v1", "sandbox.jail.init.plain"}
# Adapters for trainers are on the client's side; nothing of ours imports one.
ADAPTERS = "integrations"
ADAPTERS_KNOW = {"client", "tasks", "model", "v1", "errors"}
# The trainer is a program on the client's side, too; the command line starts it.
TRAINER = "train"
TRAINER_KNOWS = {
    "client", "tasks", "rollouts", "problems", "admission", "datafiles", "settings", "model", "v1", "errors",
}  # fmt: skip
STARTS_THE_TRAINER = {"sandbox.cli.train"}


def part(name: str) -> str:
    """The part of the package that a module belongs to."""
    return name.split(".")[1] if "." in name else FRONT


def ours(module: Module) -> set[str]:
    return {name for name in module.imports() if name.split(".")[0] == "sandbox"}


def test_every_part_of_the_package_has_its_place_in_the_order() -> None:
    found = {part(module.name) for module in modules()} - {FRONT, "client", ADAPTERS, TRAINER}
    assert found | {"v1"} == set(RANK)


def test_imports_run_one_way() -> None:
    crossings = {
        (module.name, name)
        for module in modules()
        if part(module.name) in RANK and module.name != PROGRAM
        for name in ours(module)
        if part(name) != part(module.name) and RANK.get(part(name), len(RANK)) > RANK[part(module.name)]
        if not (module.name in USE_THE_CLIENT and part(name) == "client")
        if not (module.name in STARTS_THE_TRAINER and part(name) == TRAINER)
    }
    assert crossings == set()


def test_no_module_imports_what_is_run_as_a_program() -> None:
    assert [module.name for module in modules() if PROGRAM in ours(module)] == []


def test_no_module_imports_the_front_or_the_client_but_the_front_itself_and_verbs_of_servers() -> None:
    found = {
        (module.name, name)
        for module in modules()
        if part(module.name) not in ("client", ADAPTERS, TRAINER) and module.name not in {FRONT, *USE_THE_CLIENT}
        for name in ours(module)
        if part(name) in (FRONT, "client")
    }
    assert found == set()


def test_the_model_imports_nothing_of_ours() -> None:
    assert [
        (module.name, name)
        for module in modules()
        if part(module.name) in ("model", "errors")
        for name in ours(module)
        if part(name) != part(module.name)
    ] == []


def test_the_client_knows_the_wire_the_errors_and_nothing_of_the_server() -> None:
    strangers = {
        (module.name, name)
        for module in modules()
        if part(module.name) == "client"
        for name in ours(module)
        if part(name) != "client" and not any(name == known or name.startswith(known + ".") for known in CLIENT_KNOWS)
    }
    assert strangers == set()


def test_adapters_know_the_client_and_nothing_of_the_server_and_nothing_of_ours_imports_them() -> None:
    known = {ADAPTERS, *ADAPTERS_KNOW}
    crossings = {
        (module.name, name)
        for module in modules()
        for name in ours(module)
        if (part(module.name) == ADAPTERS and part(name) not in known)
        or (part(name) == ADAPTERS and part(module.name) != ADAPTERS)
    }
    assert crossings == set()


def test_the_trainer_knows_the_client_and_nothing_that_runs_programs() -> None:
    known = {TRAINER, *TRAINER_KNOWS}
    crossings = {
        (module.name, name)
        for module in modules()
        for name in ours(module)
        if (part(module.name) == TRAINER and part(name) not in known)
        or (part(name) == TRAINER and part(module.name) != TRAINER and module.name not in STARTS_THE_TRAINER)
    }
    assert crossings == set()


def test_what_runs_inside_a_jail_needs_the_standard_library_only() -> None:
    strangers = {
        (module.name, name)
        for module in modules()
        if module.name.startswith("sandbox.jail.init")
        for name in module.imports()
        if not name.startswith("sandbox.jail.init") and name.split(".")[0] not in sys.stdlib_module_names
    }
    # Inside functions that only a program with arrays of numpy's own, or only a suite of pytest's, reaches.
    assert strangers == {("sandbox.jail.init.plain", "numpy"), ("sandbox.jail.init.suite", "pytest")}
