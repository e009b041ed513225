# What people and CI run. Everything that is made goes to target/; nothing else is touched.
# The targets that keep running exec one binary, so that a signal to make's child arrives there.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
E2E := goldsmith-tests

stack-venv := target/venv/stack/requirements.txt
build-venv := target/venv/build/requirements.txt
audit-venv := target/venv/audit/requirements.txt
model-venv := target/venv/model/requirements.txt
wheel-venv := target/venv/wheel/requirements.txt
ansible-venv := target/venv/ansible/requirements.txt
workflows-venv := target/venv/workflows/requirements.txt
emulator := crates/imagebuilder-emulator
local-stack := target/debug/local-stack

# clippy is the compiler of everything in the dev profile, so that one compilation lints and builds.
# `cargo clippy` beside it checks every crate of the SDK once more: 324 seconds on two cores.
lint := RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__

# nextest runs tests in parallel processes and shows which is slow; cargo test does without it.
nextest := $(shell cargo nextest --version >/dev/null 2>&1 && echo yes)

# What takes minutes: scenarios on the embedded AWS, and a fault at every call in turn.
slow := package($(E2E)) or (package(goldsmith-aws) and test(/^faults::/))

# What `make test` does, in this order, each with its seconds at the end.
PARTS := venvs format prose build quick docs clients wheel template components workflows zips slow

# What the functions called in the scenarios, beside what their roles may call.
evidence := $(CURDIR)/target/evidence

# A scenario mostly waits for its stack's processes: measured on two cores, 37 scenarios took 109
# seconds two at once, 61 four at once, and 51 six at once.
stacks := $(shell expr 3 \* $$(getconf _NPROCESSORS_ONLN))

.PHONY: help demo local check test torture package reproducible deploy undeploy dashboard $(PARTS) terraform audit update-audit fmt wheel-of update-wheel bench bench-emulator fuzz update-model update-workflows local-stack clean

help: ## What there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

demo: zips local-stack $(stack-venv) ## The whole factory at work, on this machine
	@exec $(local-stack) demo

local: zips local-stack $(stack-venv) ## The same stack, left running; CLOCK=<factor>|manual; EMPTY=yes deploys nothing
	@exec $(local-stack) up $(if $(CLOCK),--clock '$(CLOCK)') $(if $(EMPTY),--empty)

check: format prose build quick docs ## Format, prose, lints, quick tests: before each commit

test: ## What CI runs: check, clients, templates, workflows, end to end
	@# Whatever the tests generate must already be what is checked in.
	fingerprint() { git status --porcelain 2>/dev/null; git diff 2>/dev/null; }
	before=$$(fingerprint)
	took=()
	for part in $(PARTS); do
		start=$$SECONDS
		echo "==> $$part"
		# Terraform's provider mostly waits: an apply takes 65 seconds and seven of them of a processor.
		if [[ $$part == slow ]]; then
			$(MAKE) --no-print-directory terraform >target/terraform.log 2>&1 & terraform=$$!
		fi
		$(MAKE) --no-print-directory "$$part"
		took+=("$$(printf '%6d s  %s' $$((SECONDS - start)) "$$part")")
	done
	start=$$SECONDS
	echo "==> terraform, which began beside the last part"
	wait "$$terraform" || { cat target/terraform.log; exit 1; }
	cat target/terraform.log
	took+=("$$(printf '%6d s  %s' $$((SECONDS - start)) "terraform, beyond the last part")")
	after=$$(fingerprint)
	[[ "$$before" == "$$after" ]] || { echo "the tests have changed files:" "$$after" >&2; exit 1; }
	printf '%s\n' "seconds of each part:" "$${took[@]}" "$$(printf '%6d s  in all' $$SECONDS)"

torture: zips local-stack $(stack-venv) ## What takes an hour, by night: every call disturbed, many random cases, fuzzing
	rm -rf $(evidence) && mkdir -p $(evidence)
	export GOLDSMITH_EVIDENCE=$(evidence)
	SWEEP_STRIDE=1 PROPTEST_CASES=4096 $(lint) cargo nextest run --locked --workspace
	target/venv/stack/bin/python tests/evidence_test.py $(evidence)
	target/venv/stack/bin/python tests/terraform_recovery_test.py
	$(MAKE) reproducible
	$(MAKE) fuzz FUZZ_SECONDS=600

venvs: $(stack-venv) $(build-venv) $(model-venv) $(wheel-venv) $(workflows-venv) $(ansible-venv)

format:
	cargo fmt --all --check

prose: ## The English of the pages, and whether what they name is there
	for one in prose_test.py pages_test.py prose.py "prose.py --rust"; do $(PYTHON) tests/$$one; done

build: ## Builds everything in the dev profile, with every lint
	$(lint) cargo build --locked --workspace --all-targets

quick: ## Tests that need no embedded AWS
ifeq ($(nextest),yes)
	$(lint) cargo nextest run --locked --workspace -E 'not ($(slow))'
else
	$(lint) cargo test --locked --workspace --exclude $(E2E) --quiet
endif

docs: ## The examples of the documentation
	$(lint) cargo test --locked --workspace --exclude $(E2E) --doc --quiet

slow: zips build $(stack-venv) ## Scenarios on the embedded AWS, and faults at many calls
ifeq ($(nextest),yes)
	$(lint) cargo nextest run --locked --workspace --test-threads $(stacks) -E '$(slow)'
else
	$(lint) cargo test --locked -p $(E2E) --quiet
endif

audit: $(audit-venv) $(workflows-venv) target/guard/package ## What others know of templates, modules, policies, workflows and dependencies
	bin=$(CURDIR)/target/venv/audit/bin
	"$$bin/cfn-lint" infra/*.yaml
	"$$bin/checkov" --framework cloudformation --skip-download --quiet --compact --directory infra
	"$$bin/checkov" --framework terraform --skip-download --quiet --compact --directory infra/terraform
	if terraform version >/dev/null 2>&1; then terraform fmt -check -diff -recursive infra tests/terraform
	else echo "SKIPPED: the form of infra/terraform, there is no terraform command"; fi
	"$$bin/python" tests/policies_audit.py
	"$$bin/python" tests/guard_audit.py target/guard/package
	target/venv/workflows/bin/zizmor --quiet --offline --no-progress --persona auditor --strict-collection .github
	cargo deny --version >/dev/null 2>&1 || cargo install --locked --root target/tools cargo-deny
	PATH="$(CURDIR)/target/tools/bin:$$PATH" cargo deny check

# cfn-guard and the rules of AWS Control Tower, as AWS publishes them on npm: this archive and no other.
guard := @cdklabs/cdk-validator-cfnguard@0.0.62
guard-sha256 := 660c14562d4c79d524d0623d80d494e41797acae9da23ecb10915d7f66ada80c

target/guard/package:
	rm -rf target/guard
	mkdir -p target/guard
	npm pack --silent --pack-destination target/guard $(guard)
	mv target/guard/*.tgz target/guard/guard.tgz
	echo "$(guard-sha256)  target/guard/guard.tgz" | sha256sum --check --quiet
	tar -xzf target/guard/guard.tgz -C target/guard
	chmod +x target/guard/package/bin/ubuntu/x86_64/cfn-guard

update-audit: ## Moves what audits to its newest versions
	$(call pin,audit)

fmt: ## Formats the code
	cargo fmt --all

clients: build $(model-venv) ## boto3, the aws command and Terraform against the emulator
	target/venv/model/bin/python $(emulator)/model/shapes.py --check
	for one in sweep session readme terraform; do target/venv/model/bin/python $(emulator)/clients/$$one.py; done

# The debug binary will do: it is there already. Without its symbols it is packed in half the time.
wheel: build $(wheel-venv) ## The emulator as a Python package: built, installed and tried
	@rm -rf target/wheel
	mkdir -p target/wheel
	strip -o target/wheel/imagebuilder-emulator target/debug/imagebuilder-emulator
	$(MAKE) --no-print-directory wheel-of BINARY=$(CURDIR)/target/wheel/imagebuilder-emulator
	target/venv/wheel/bin/pip install --quiet --disable-pip-version-check --no-index --no-deps --force-reinstall \
		target/wheel/*.whl
	target/venv/wheel/bin/pytest --quiet -p no:cacheprovider $(emulator)/python/tests

# The wheel of a binary that is there: BINARY, and PLATFORM if it is another than this machine's.
wheel-of: $(wheel-venv)
	cd $(emulator)/python
	IMAGEBUILDER_EMULATOR_BINARY='$(BINARY)' IMAGEBUILDER_EMULATOR_PLATFORM='$(PLATFORM)' PYTHONDONTWRITEBYTECODE=1 \
		$(CURDIR)/target/venv/wheel/bin/hatchling build --target wheel --directory $(CURDIR)/target/wheel

update-wheel: ## Moves what builds the Python package to its newest versions
	$(call pin,wheel)

bench: zips local-stack $(stack-venv) ## What runs cost, and how they fare at once and throttled; RECIPES='1 10 50'
	@bench() { echo "==> $$1"; target/venv/stack/bin/python tests/bench/$$1.py "$${@:2}"; }
	for one in steps racing throttled; do bench $$one; done
	if ! command -v valgrind >/dev/null; then
		echo "SKIPPED: measure and comparison, valgrind counts their instructions and is not here"; exit 0
	fi
	bench measure $(RECIPES)
	cargo build --quiet --locked --profile function -p bench-hello
	bench comparison --hello target/function/bench-hello

bench-emulator: ## What the emulator costs: start, calls, memory
	cargo bench --locked -p imagebuilder-emulator --bench emulator

# Seconds for each target: enough to walk the seeds and their neighbours.
FUZZ_SECONDS ?= 30

fuzz: ## Random requests and documents against the emulator and the reader; FUZZ_SECONDS=30
	@if ! rustup run nightly cargo --version >/dev/null 2>&1; then
		echo "SKIPPED: fuzzing needs a nightly toolchain"; exit 0
	fi
	export PATH="$(CURDIR)/target/tools/bin:$$PATH"
	cargo fuzz --version >/dev/null 2>&1 || cargo install --locked --quiet --root target/tools cargo-fuzz
	for one in $(emulator)/request $(emulator)/component_document crates/domain/parse crates/domain/results; do
		cd $(CURDIR)/$$(dirname $$one); one=$$(basename $$one)
		mkdir -p $(CURDIR)/target/fuzz/{corpus,artifacts}/$$one
		# No sanitizer: there is no unsafe code to look at, and it doubles the build.
		cargo +nightly fuzz run --dev --sanitizer none --target-dir $(CURDIR)/target/fuzz $$one \
			$(CURDIR)/target/fuzz/corpus/$$one fuzz/seeds/$$one -- \
			-artifact_prefix=$(CURDIR)/target/fuzz/artifacts/$$one/ \
			-max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=4096 -verbosity=0 -print_final_stats=1
	done

# What `make update-<name>` runs to move requirements/<name>.txt to the newest versions.
define pin
	rm -rf target/venv/pins
	$(PYTHON) -m venv target/venv/pins
	target/venv/pins/bin/pip install --quiet --disable-pip-version-check pip-tools
	target/venv/pins/bin/pip-compile --quiet --upgrade --generate-hashes --strip-extras --no-header \
		--no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
		--output-file requirements/$(1).txt requirements/$(1).in
	$(MAKE) target/venv/$(1)/requirements.txt
endef

update-workflows: ## Moves what judges the workflows to its newest versions
	$(call pin,workflows)

update-model: ## Moves the emulator to the newest service model of Image Builder
	$(call pin,model)
	target/venv/model/bin/python $(emulator)/model/shapes.py

# By -p and alone: cargo unifies features over what it builds together, and the functions would carry what only another
# package asked for. Without a panic that unwinds, its tables are of no use. Paths of this machine are in no binary.
# The processors are the least that Lambda has: each of x86_64 has AVX2, and a run takes a sixth fewer instructions
# with it; those of arm64 are Graviton2.
processor-x86-64 := haswell
processor-arm64 := neoverse-n1
function = RUSTFLAGS='-C force-unwind-tables=no -C target-cpu=$(processor-$(1)) \
		--remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)=/cargo' \
	PATH="$(CURDIR)/target/venv/build/bin:$$PATH" cargo lambda build --locked --profile function --$(1) -p bootstrap

zips: $(build-venv) ## The functions as Lambda takes them
	@$(call function,x86-64) --output-format zip

PACKAGES ?= target/package
package-version := $(shell sed -n 's/^version = "\(.*\)"$$/\1/p' Cargo.toml | head -1)
package = $(PACKAGES)/$(package-version)

package: $(build-venv) target/tools/bin/cargo-cyclonedx ## Zips for x86_64 and arm64, the same bytes each time, their bills of materials and checksums
	@rustup target list --installed | grep -q '^aarch64-unknown-linux-gnu$$' || {
		echo "there is no standard library for arm64: rustup target add aarch64-unknown-linux-gnu" >&2; exit 1
	}
	rm -rf $(package)
	for one in x86-64 arm64; do mkdir -p $(package)/$$one; done
	$(call function,x86-64) --output-format binary --lambda-dir $(package)/x86-64
	$(call function,arm64) --output-format binary --lambda-dir $(package)/arm64
	PATH="$(CURDIR)/target/tools/bin:$$PATH" $(PYTHON) infra/package.py $(package) \
		x86_64=$(package)/x86-64/bootstrap/bootstrap arm64=$(package)/arm64/bootstrap/bootstrap
	rm -r $(package)/x86-64 $(package)/arm64

target/tools/bin/cargo-cyclonedx:
	cargo install --locked --quiet --root target/tools --version 0.5.9 cargo-cyclonedx

# The second build is of a copy in another folder, with another target folder: neither may be in the bytes.
twice := $(CURDIR)/target/twice

reproducible: $(build-venv) target/tools/bin/cargo-cyclonedx ## Builds the package twice, in two folders, and compares the bytes
	@rm -rf $(twice)
	mkdir -p $(twice)/copy/target
	git ls-files -z | tar --create --null --files-from - | tar --extract --directory $(twice)/copy
	ln -s $(CURDIR)/target/venv $(CURDIR)/target/tools $(twice)/copy/target/
	git -C $(twice)/copy init --quiet && git -C $(twice)/copy add .
	CARGO_TARGET_DIR=$(twice)/first $(MAKE) --no-print-directory package PACKAGES=$(twice)/package
	CARGO_TARGET_DIR=$(twice)/second $(MAKE) --no-print-directory --directory $(twice)/copy package
	diff --recursive $(twice)/package $(twice)/copy/target/package
	echo "both builds have the same bytes"
	rm -rf $(twice)

# With the names and parameters of infra/samconfig.toml.
environment = $(or $(ENV),$(error say which environment: ENV=nonprod))

deploy: $(stack-venv) ## Deploys an environment: shows the change set and asks; ENV=nonprod YES=1 PARAMETERS='Name=Value ...' ZIP=functions.zip
	@target/venv/stack/bin/python infra/deploy.py '$(environment)' $(if $(YES),--yes) \
		$(if $(ZIP),--zip '$(ZIP)') $(foreach each,$(PARAMETERS),--parameter '$(each)')

undeploy: $(stack-venv) ## Removes an environment's stack, unless images are promoted; ENV=nonprod YES=1 PROMOTED=keep
	@target/venv/stack/bin/python infra/undeploy.py '$(environment)' $(if $(YES),--yes) \
		$(if $(filter keep,$(PROMOTED)),--keep-promoted)

local-stack:
	@# `goldsmith` beside it: whoever runs the stack drives it with the command line.
	@$(lint) cargo build --quiet --locked --workspace --bin local-stack --bin goldsmith

template: $(stack-venv) ## What must hold for the templates of infra/
	for one in template package keys access boundary deputy buckets alarms dashboard build_instance github_oidc region consumer_account consumer_rebuild consumer_text consumer_stack key_grants settings terraform_variables; do target/venv/stack/bin/python tests/$${one}_test.py; done

dashboard: $(stack-venv) ## Draws the dashboard's layout to target/dashboard.svg
	@target/venv/stack/bin/python tests/dashboard.py target/dashboard.svg

components: build $(stack-venv) $(ansible-venv) ## The shipped components: their scripts run here, with the real scanner if there is one
	@target/venv/stack/bin/python tests/components_test.py

# The provider waits for most of this time: an apply takes 65 seconds and seven of them of a processor.
terraform: zips build $(stack-venv) ## The module, its examples and tests; what it deploys against what the template deploys; `make deploy`
	printf '%s\n' terraform terraform_factory terraform_module terraform_consumers deploy |
		xargs --max-procs 4 --replace target/venv/stack/bin/python tests/{}_test.py

workflows: $(workflows-venv) ## The workflows' own steps, run; and what judges them
	bin=$(CURDIR)/target/venv/workflows/bin
	"$$bin/shellcheck" .github/scripts/*.sh
	"$$bin/zizmor" --quiet --offline --no-progress --persona pedantic --strict-collection .github
	printf '%s\n' tests/workflows/*_test.py | xargs --max-procs 2 --max-args 1 "$$bin/python"

# The copy of the requirements is written last: a virtual environment with it is complete.
target/venv/%/requirements.txt: requirements/%.txt
	@echo "creating target/venv/$*"
	rm -rf target/venv/$*
	$(PYTHON) -m venv target/venv/$*
	target/venv/$*/bin/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r $<
	cp $< $@

clean: ## Removes everything that was made
	rm -rf target
