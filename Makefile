# Everything a person needs to run, test and change Dingpan. `make help` lists the targets.
#
#   make run  ARGS="--port 8080"             arguments for the demo
#   make test PYTEST_ARGS="-k seal -x"       arguments for pytest
#   make mutants ARGS="verdict scales"       some modules of shared/ only; all of them take an hour
#   make lock LOCK_ARGS="--upgrade"          newer versions; without it the locked ones stay
#   make install PYTHON=/path/to/python3.12  another Python, 3.11 or newer

BIN := .venv/bin
APP := $(if $(DISPLAY)$(WAYLAND_DISPLAY),--app)

# A module's tests stay together, in order, in one process: a server, a database or the one Kivy window is made once.
# In the order of collection, because the slow journeys are single tests and would else come last.
PYTEST := $(BIN)/pytest --numprocesses 2 --dist loadscope --no-loadscope-reorder

# On the oldest Python we support: its lock also serves newer ones. The server's lock repeats the versions of the whole.
COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --allow-unsafe --generate-hashes --strip-extras \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host

.DEFAULT_GOAL := help
.PHONY: help install run field test test-full mutants bench pictures lint lock

help: ## list the targets
	@awk -F ': .*## |: ## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## install what is missing: Debian packages, .venv, node_modules
	@deploy/install.sh

run: install ## start the demo city, and the phone app beside it when there is a display
	$(BIN)/dingpan demo $(APP) $(ARGS)

field: install ## start the phone app alone, on the desktop
	$(BIN)/dingpan-field $(ARGS)

test: install ## run the tests
	$(PYTEST) $(PYTEST_ARGS)

test-full: install ## run all tests, with more examples and every fault
	$(PYTEST) --full $(PYTEST_ARGS)

mutants: install ## spoil the rules one by one; fails under 85 % noticed in a module, 90 % in all
	$(BIN)/python -m tests.mutants $(ARGS)

bench: install ## measure starting, scanning, syncing and page weight
	$(BIN)/python -m benchmarks $(ARGS)

pictures: install ## take the screenshots in docs/pictures again
	$(BIN)/python -m tests.pictures $(ARGS)

lint: install ## check style, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: install ## write the lock files again from setup.cfg (Python 3.11 only)
	@$(BIN)/python -c 'import sys; sys.exit(0 if sys.version_info[:2] == (3, 11) else "Make the locks with Python 3.11")'
	$(COMPILE) --build-deps-for editable --extra server --extra fieldapp --extra dev --output-file requirements.lock $(LOCK_ARGS) setup.cfg
	$(COMPILE) --build-deps-for editable --extra server --upgrade --constraint requirements.lock --output-file requirements-server.lock setup.cfg
	$(COMPILE) --output-file requirements-semgrep.lock $(LOCK_ARGS) deploy/semgrep.in
