# Two commands on a fresh machine: `make quickstart` and `make test`. Each prints the plain commands it runs.

VENV := .venv
RIGHT := import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))
FOUND := $(shell for p in python3.11 python3.12 python3 python; do $$p -c "$(RIGHT)" 2>/dev/null && echo $$p && break; done)
PYTHON ?= $(or $(FOUND),python3)

.PHONY: quickstart test
quickstart: $(VENV)/installed
	$(VENV)/bin/python tools/train.py --gin_file=quickstart.gin

test: $(VENV)/installed-test
	$(VENV)/bin/python -m pytest

$(VENV)/installed: setup.cfg constraints.txt
	@$(PYTHON) -c "$(RIGHT)" 2>/dev/null || { \
	  echo "fat_tf needs Python 3.11 or 3.12 (tensorflow-io has no other): install one, or name it: make PYTHON=python3.11" >&2; \
	  exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(VENV)/bin/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	@touch $@
