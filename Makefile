# Everything runs in a virtual environment of the project's own, made on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test bench rules dhcp-coverage rfc9293-coverage lint clean

$(VENV)/ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV) || { echo "venv is missing: apt-get install python3-venv" >&2; exit 2; }
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: $(VENV)/ready  ## check the traces that ship with the project, and write the page build/demo.html
	mkdir -p build
	$(BIN)/netoracle check --profile utcp --html build/demo.html traces/utcp/*/utcp-trace.log
	$(BIN)/netoracle check --profile utcp --log utcp-trace.log traces/utcp
	$(BIN)/netoracle check --profile utcp --certificate build/demo.certificate.json traces/utcp/echo-small/utcp-trace.log
	$(BIN)/netoracle verify build/demo.certificate.json traces/utcp/echo-small/utcp-trace.log
	$(BIN)/netoracle check traces/utcp-captures/persist-100s traces/utcp-captures/simultaneous-close --profile utcp --host 10.9.0.2
	$(BIN)/netoracle check traces/dhcp/dhcpd-dhclient-dora traces/dhcp/dhcpd-dhclient-decline
	@echo "the page is build/demo.html"

test: $(VENV)/ready
	$(BIN)/pytest -n auto

bench: $(VENV)/ready
	$(BIN)/pytest benchmarks -s --benchmark-only --benchmark-columns=min,median,max,rounds

# Other people's traces, which may not be here, and the model's source, as `--hol4 main=FOLDER`, to look up lines again.
NETSEM_TRACES ?= ../shared/netsem/traces
HOL4 ?=

rules: $(VENV)/ready  ## measure again which tests and traces exercise each rule, and write docs/rules.md
	mkdir -p build
	$(BIN)/pytest tests/spec --rule-coverage build/rule-coverage.json
	$(BIN)/python -m netoracle.coverage --tests build/rule-coverage.json --traces traces --netsem $(NETSEM_TRACES) \
		$(HOL4) --page docs/rules.md

dhcp-coverage: $(VENV)/ready  ## write into docs/dhcp.md which rules ask for which requirement
	$(BIN)/python -m netoracle.dhcp.coverage docs/dhcp.md

rfc9293-coverage: $(VENV)/ready  ## write into docs/rfc9293.md which premises state which MUST
	$(BIN)/python -m netoracle.wire.coverage docs/rfc9293.md

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis
