# Resonance. `make` tells what there is; each target does only what is not done yet.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
RUNTIME := $(VENV)/runtime.stamp
DEVELOPMENT := $(VENV)/development.stamp
KAFKA := .cache/kafka/libs.stamp
RESONANCE_DATA ?= ../shared/data
STEP ?= all
KIND := $(if $(filter language,$(STEP)),-language)
MODEL_VENV := .venv-model$(KIND)
TRAINING := $(MODEL_VENV)/training.stamp
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header $(LOCK_OPTIONS)

.DEFAULT_GOAL := help
.PHONY: help demo test fuzz torch simulate lint bench faults soak model docs screenshots lock sbom wheel servers kafka install clean

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(RUNTIME) ## Play a scripted stream in one process, and serve the board. Needs only Python.
	@$(BIN)/resonance demo $(ARGS)

test: $(DEVELOPMENT) servers kafka ## Install what the tests need, and run them (ARGS="-k words").
	@$(BIN)/pytest $(ARGS)

fuzz: $(DEVELOPMENT) ## Look for bytes that break a promise (ARGS="--target codec --seconds 30").
	@$(BIN)/python tests/fuzz/run.py $(ARGS)

torch: $(TRAINING) ## Run the tests that need PyTorch: other people's models, and the training of ours.
	@$(MODEL_VENV)/bin/python -m pip --quiet install --group dev
	@RESONANCE_TORCH_TESTS=1 $(MODEL_VENV)/bin/python -m pytest \
		tests/agents/hugging_face tests/sentiment/training $(ARGS)

simulate: $(DEVELOPMENT) ## Crash the hops in a simulated world (ARGS="--seed 0 --schedules 10000").
	@PYTHONPATH=tests $(BIN)/python -m simulation $(ARGS)

lint: $(DEVELOPMENT) ## Check style, types and who imports whom.
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet || { echo "Run: $(BIN)/ruff format"; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/mypy bench docs deploy/grafana deploy/image deploy/kubernetes
	@mkdir -p .cache
	@$(BIN)/lint-imports --no-logo > .cache/lint-imports.log || { cat .cache/lint-imports.log; exit 1; }

bench: $(DEVELOPMENT) kafka ## Measure each hop beside a stock Faust worker (4 minutes).
	@$(BIN)/python bench/run.py $(ARGS)

faults: $(DEVELOPMENT) kafka ## Play the fault matrix on a real Kafka (ARGS="--only K1,B1", --fast, --long, --json).
	@PYTHONPATH=tests $(BIN)/python -m faults $(ARGS)

soak: $(DEVELOPMENT) kafka ## Run for an hour at 16 x live speed, with kills (ARGS="--minutes 60"); goes on where it was.
	@PYTHONPATH=tests $(BIN)/python -m faults.soak $(ARGS)

# Languages need lingua 1.x, which cannot stand beside what the other steps need.
model: $(TRAINING) ## Make the models anew (STEP=teacher|bags|tokenizer|transformer|export|tune|flags|language).
ifeq ($(STEP),language)
	@$(MODEL_VENV)/bin/python -m resonance.sentiment.training.language \
		--data "$(RESONANCE_DATA)" $(ARGS)
else
	@$(MODEL_VENV)/bin/python -m resonance.sentiment.training $(STEP) \
		--data "$(RESONANCE_DATA)" --work .cache/model $(ARGS)
endif

docs: $(DEVELOPMENT) ## Bring AsyncAPI, the README's output and Grafana's dashboard up to date.
	@mkdir -p .cache
	@$(BIN)/python docs/asyncapi.py > .cache/asyncapi.yaml
	@mv .cache/asyncapi.yaml docs/asyncapi.yaml
	@$(BIN)/python deploy/grafana/build.py deploy/grafana/dashboards
	@$(BIN)/python deploy/kubernetes/wrap.py rules > .cache/alert-rules.yaml
	@mv .cache/alert-rules.yaml deploy/kubernetes/alert-rules.yaml
	@$(BIN)/python deploy/kubernetes/wrap.py dashboards > .cache/dashboards.yaml
	@mv .cache/dashboards.yaml deploy/kubernetes/dashboards.yaml
	@$(BIN)/python docs/readme.py

screenshots: $(DEVELOPMENT) ## Take the pictures in docs/ anew (two minutes; Chromium, and fonts for every script).
	@$(BIN)/python docs/screenshots.py

lock: $(DEVELOPMENT) ## Resolve the dependencies anew (LOCK_OPTIONS=--upgrade for newer ones).
	@$(COMPILE) --group build -o requirements-build.lock
	@$(COMPILE) pyproject.toml -o requirements.lock
	@$(COMPILE) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

sbom: $(DEVELOPMENT) ## List all that is installed with it, as CycloneDX JSON in dist/.
	@mkdir -p dist
	@sh .ci/make_sbom $(BIN) dist/sbom.json

wheel: $(DEVELOPMENT) ## Build the wheel and the source distribution into dist/.
	@mkdir -p .cache
	@$(BIN)/python -m build --no-isolation --outdir dist . > .cache/build.log 2>&1 || \
		{ cat .cache/build.log; exit 1; }
	@ls dist

servers: ## Install the real servers that tests talk to, where that is allowed.
	@sh tests/install_servers.sh

kafka: $(KAFKA) ## Fetch Kafka's jars into .cache/, for tests and benchmarks.

install: $(DEVELOPMENT) ## Make .venv with everything for work on the code.

clean: ## Remove everything that make has made.
	rm -rf $(VENV) .venv-model .venv-model-language .cache build dist *.egg-info \
		.mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

# Setuptools first: what has no wheel is built by it, and by nothing fetched on the side.
$(VENV)/bin/python:
	@sh .ci/make_venv $(VENV)

$(RUNTIME): requirements-build.lock requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing what Resonance needs into $(VENV) (once, a minute or two) ..."
	@$(PIP) install --require-hashes -r requirements-build.lock
	@$(PIP) install --require-hashes --no-build-isolation -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEVELOPMENT): requirements-dev.lock $(RUNTIME)
	@echo "Installing what the tests and checks need into $(VENV) (once) ..."
	@$(PIP) install --require-hashes --no-build-isolation -r requirements-dev.lock
	@mkdir -p .cache && touch $@

# Pip 25.1 is the first that installs a group of pyproject.toml.
$(TRAINING): pyproject.toml
	@sh .ci/make_venv $(MODEL_VENV)
	@echo "Installing what training needs into $(MODEL_VENV) (once; gigabytes) ..."
	@$(MODEL_VENV)/bin/python -m pip --quiet install --require-hashes -r requirements-build.lock
	@$(MODEL_VENV)/bin/python -m pip --quiet install --upgrade "pip>=25.1"
	@$(MODEL_VENV)/bin/python -m pip --quiet install --group train$(KIND) --no-build-isolation \
		--editable ".$(if $(KIND),,[torch])"
	@touch $@

# Without Maven or Java the tests that need Kafka say so; the others run all the same.
$(KAFKA): deploy/kafka/pom.xml | servers
	@if command -v mvn > /dev/null; then \
		echo "Fetching Kafka's jars (once, 43 MB) ..."; rm -rf .cache/kafka/libs; \
		mvn --quiet --batch-mode -Dstyle.color=never --file deploy/kafka/pom.xml dependency:copy-dependencies \
			-DoutputDirectory="$(CURDIR)/.cache/kafka/libs" && touch $@; \
	fi
