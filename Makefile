# Everything runs in .venv, made from pyproject.toml on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# A process a core and one more, eight at most. The tests of a file share what it makes and stay together;
# tests/conftest.py puts first what takes long.
PYTEST := $(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder

.PHONY: demo test test-fast lint bench bench-full format clean

demo: $(STAMP)
	$(BIN)/vidstyle sample_media/clip.mp4 --style sample_media/wave.jpg --preset draft -o demo.mp4 -y

test: $(STAMP)
	$(PYTEST) --durations 30

test-fast: $(STAMP)
	$(PYTEST) -m "not slow"

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/python -m bench

bench-full: $(STAMP)
	$(BIN)/python -m bench --full

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build dist demo.mp4 demo.mp4.vidstyle

# `make demo` needs what the program needs; the tools for the tests come along, since they are small beside torch.
$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
