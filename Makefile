# make demo   install, train a small network on handwritten digits, judge it, predict one picture
# make test   install the test extras and run every test
# make learn  the course in the browser, on this machine alone
# make check  linter and type checker
# make bench  measure speed and quality on this machine (some of it takes an hour; see bench/)

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
COMMA  := ,
RUNS_ON := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))

# pip's extra places to find packages, told to uv too
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)

.PHONY: demo learn test fast-test check lint bench clean

demo: $(VENV)/installed
	$(BIN)/deepglass demo

learn: $(VENV)/installed-course
	$(BIN)/deepglass see

test: $(VENV)/installed-test
	OMP_NUM_THREADS=$${OMP_NUM_THREADS:-1} $(BIN)/pytest -n $${WORKERS:-2} --dist worksteal tests

fast-test: $(VENV)/installed-test
	OMP_NUM_THREADS=$${OMP_NUM_THREADS:-1} $(BIN)/pytest -n $${WORKERS:-2} --dist worksteal -m "not slow" tests

check: lint
	$(BIN)/pyright src

lint: $(VENV)/installed-dev
	$(BIN)/ruff check src tests bench
	$(BIN)/ruff format --check src tests bench

bench: $(VENV)/installed-test $(VENV)-peers/installed
	$(BIN)/python -m bench

clean:
	rm -rf $(VENV) $(VENV)-peers build dist

$(VENV)/bin/python:
	@$(PYTHON) -c '$(RUNS_ON)' || { echo "Deepglass needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is another: make PYTHON=python3.12 demo" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)-peers/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)-peers
	$(VENV)-peers/bin/pip install -q --disable-pip-version-check -c constraints.txt -e '.[peers]'
	@touch $@

# $(1): the extras in brackets, or nothing
install = if command -v uv >/dev/null; then uv pip install -q -p $(VENV) -c constraints.txt -e '.$(1)'; \
          else $(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.$(1)'; fi

$(VENV)/installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(call install,)
	@touch $@

$(VENV)/installed-course: $(VENV)/bin/python pyproject.toml constraints.txt
	$(call install,[course])
	@touch $@ $(VENV)/installed

$(VENV)/installed-test: $(VENV)/bin/python pyproject.toml constraints.txt
	$(call install,[test])
	@touch $@ $(VENV)/installed

$(VENV)/installed-dev: $(VENV)/installed-test
	$(call install,[test$(COMMA)dev])
	@touch $@
