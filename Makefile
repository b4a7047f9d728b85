# Every target that the README names. `make demo` and `make test` need nothing but Python 3.12 and make.
PYTHON ?= python3.12
VENV := .venv
BIN := $(VENV)/bin

.PHONY: proto
proto: ## generate the stubs from proto/
	$(BIN)/python -m grpc_tools.protoc -I proto --python_out=. --pyi_out=. proto/sandbox/v1/*.proto
	$(BIN)/python -m grpc_tools.protoc -I proto --grpc_python_out=. --mypy_grpc_out=quiet:. proto/sandbox/v1/reward.proto
