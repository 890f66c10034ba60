# `make run` and `make test` do all their own set-up; a second run finds it done.

PYTHON ?= python3

# The virtual environment: venv/, or another one that is active.
VENV := venv
space := $(subst ,, )
ACTIVE := $(subst $(space),\ ,$(VIRTUAL_ENV))
ifneq ($(VIRTUAL_ENV),$(CURDIR)/venv)
ifneq ($(wildcard $(ACTIVE)/bin/python),)
VENV := $(ACTIVE)
$(if $(filter-out help clean map vendor,$(MAKECMDGOALS)),$(info using the active virtual environment, $(VIRTUAL_ENV)))
endif
endif
PY := $(VENV)/bin/python

.DEFAULT_GOAL := help
.PHONY: help run worker cluster data test test-cluster check format bench dataset client reference map vendor browser clean \
	create_venv install run_server run_tests

help:
	@echo "make run      start the server on http://127.0.0.1:5000 (make run ARGS='--port 8080')"
	@echo "make cluster  the same from two web processes, two workers and a Redis (PORT=, REDIS_PORT=)"
	@echo "make worker   run a worker for a Redis of yours (make worker ARGS='--redis URL')"
	@echo "make data     download CDC's current release to dataset/cdc.csv (ARGS=--help)"
	@echo "make test     run all tests but those of the next two lines"
	@echo "make test-cluster  run the tests of several processes over a real Redis"
	@echo "make browser  run the tests of the page in a headless Chromium"
	@echo "make check    lint, types and format"
	@echo "make bench    measure the server beside others of its kind"
	@echo "make dataset  rebuild the course's CSV from dataset/course_rows.csv"
	@echo "make client   write the client's methods anew from the statistics"
	@echo "make reference  write the tables of docs/reference.md anew from the routes"
	@echo "make map      fetch the map of the charts anew (needs npm)"
	@echo "make vendor   fetch the libraries of the page anew (needs npm)"
	@echo "make clean    remove venv and caches"

IS_NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	|| { echo "Python 3.11 or newer is needed; try make PYTHON=python3.12"; exit 1; }
venv/bin/python:
	@$(PYTHON) $(IS_NEW_ENOUGH)
	@$(PYTHON) -m venv venv \
		|| { rm -rf venv; echo "python3 -m venv failed; on Debian: apt-get install python3-venv"; exit 1; }

# Installs what the first prerequisite lists, and makes the target.
define install
@echo installing $< into $(VENV)
@$(PY) $(IS_NEW_ENOUGH)
@$(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip >/dev/null
@$(PY) -m pip install --quiet --disable-pip-version-check -r $<
@touch "$@"
endef

$(VENV)/.installed: requirements.txt | $(PY)
	$(install)

$(VENV)/.installed-celery: requirements-celery.txt $(VENV)/.installed
	$(install)

$(VENV)/.installed-dev: requirements-dev.txt requirements-mcp.txt $(VENV)/.installed-celery
	$(install)

# exec, so that signals reach the server itself.
run: $(VENV)/.installed
	@exec $(PY) api_server.py $(ARGS)

worker: $(VENV)/.installed-celery
	@exec $(PY) -m app.cluster.worker $(ARGS)

# What Redis keeps, and the logs, stay here from run to run; before 2.0 they were in results/.
CLUSTER := $(CURDIR)/.cluster
PORT := 5000
REDIS_PORT := 6391
WEBS := 2
WORKERS := 2
PROCESSES := 2
APPENDFSYNC := always
cluster: export STATS_REDIS := redis://127.0.0.1:$(REDIS_PORT)/0
cluster: $(VENV)/.installed-celery
	@command -v redis-server >/dev/null \
		|| { echo "redis-server is missing; on Debian: apt-get install redis-server"; exit 1; }
	@if [ -d results/.cluster ] && [ ! -e .cluster ]; then mv results/.cluster .cluster; fi
	@mkdir -p "$(CLUSTER)"
	@PATH="$$(cd $(VENV)/bin && pwd):$$PATH" PYTHONUNBUFFERED=1 FOLDER="$(CLUSTER)" \
		WEB_PORT=$(PORT) REDIS_PORT=$(REDIS_PORT) APPENDFSYNC=$(APPENDFSYNC) \
		WEBS=$(WEBS) WORKERS=$(WORKERS) PROCESSES=$(PROCESSES) \
		exec $(VENV)/bin/supervisord -c app/cluster/supervisord.conf

data: $(VENV)/.installed
	@exec $(PY) -m app.download $(ARGS)

# Where ARGS name tests, these alone run, without the second that workers take to start. There are
# more workers than cores, because tests wait for other processes, too. A hundred of these are
# started: each is quicker where modules are kept compiled. With a worker for each core and more,
# threads of polars have none left, and take a tenth of the time to find that out.
test: export PYTHONDONTWRITEBYTECODE :=
test: export POLARS_MAX_THREADS := 1
test: $(VENV)/.installed-dev
	@$(PY) -m pytest $(if $(findstring unittests/,$(ARGS)),, \
		-n 4 --dist loadfile --no-loadscope-reorder --ignore=unittests/browser --ignore=unittests/redis) $(ARGS)

# Apart, because it needs a Redis of the system; it is skipped where there is none.
test-cluster: $(VENV)/.installed-dev
	@$(PY) -m pytest -n 2 --dist loadfile -rs unittests/redis $(ARGS)

# Apart, because it needs a browser of the system; it is skipped where there is none.
browser: $(VENV)/.installed-dev
	@$(PY) -m pytest -n 2 --dist loadfile -rs unittests/browser $(ARGS)

check: $(VENV)/.installed-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

format: $(VENV)/.installed-dev
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

bench: $(VENV)/.installed-dev
	@$(PY) -m benchmarks $(ARGS)

dataset: $(VENV)/.installed
	@$(PY) dataset/build.py

CLIENT := app/client/statistics.py
client: $(VENV)/.installed-dev
	@source=$$($(PY) -m app.statistics.client_source) && printf '%s\n' "$$source" > $(CLIENT)
	@$(PY) -m ruff format --quiet $(CLIENT)

reference: $(VENV)/.installed-dev
	@$(PY) -m unittests.helpers.doc_reference

# To take another version, change it here and in app/charts/us-states.README.md.
ATLAS := us-atlas@3.0.1
map:
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && cd "$$folder" \
		&& npm pack --silent $(ATLAS) >/dev/null && tar xzf us-atlas-*.tgz \
		&& cp package/states-albers-10m.json "$(CURDIR)/app/charts/us-states.json" \
		&& sha256sum "$(CURDIR)/app/charts/us-states.json"

# The parts of d3 that the page uses, each after those that it needs. To take other versions, change
# them here and in the README beside the file.
D3 := d3-path@3.1.0 d3-shape@3.2.0 d3-array@3.2.4 d3-color@3.1.0 d3-interpolate@3.0.1 d3-format@3.1.0 \
	d3-time@3.1.0 d3-time-format@4.1.0 d3-scale@4.0.2 d3-selection@3.0.0
vendor:
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && cd "$$folder" \
		&& for name in $(D3); do \
			tar xzf "$$(npm pack --silent "$$name")" && cat "package/dist/$${name%@*}.min.js" >> d3.min.js \
				&& rm -rf package || exit 1; done \
		&& cp d3.min.js "$(CURDIR)/app/web/static/vendor/" \
		&& cd "$(CURDIR)/app/web/static/vendor" && sha256sum *.js

clean:
	rm -rf venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The names that users of the course's servers type.
create_venv: $(PY)
install: $(VENV)/.installed
run_server: run
run_tests: test
