# rolecall: `make help` lists the targets.

.DEFAULT_GOAL := help
SHELL := /bin/bash

CARGO ?= cargo

# Debian packages: the C libraries that samael needs, and the tools for the build.
BUILD_PACKAGES := gcc libc6-dev pkg-config libclang-dev libssl-dev libxml2-dev libxmlsec1-dev
CARGO_DENY_VERSION := 0.20.2
CARGO_FUZZ_VERSION := 0.13.2
CARGO_MACHETE_VERSION := 0.9.2
MDBOOK_VERSION := 0.5.4
# Must match the version of gungraun in Cargo.lock.
GUNGRAUN_VERSION := 0.20.0
BENCHES := verification allocations sessions start logins door trail
# How long each fuzz target runs, in seconds.
FUZZ_SECONDS ?= 600
FUZZ_TARGETS ?= acs policy signed metadata redirect attributes
PARTNERS ?= $(CURDIR)/target/partners
LINTERS := $(CURDIR)/target/linters
TEST_OUTPUT := $(CURDIR)/target/test-output

.PHONY: help demo build test lint fmt clippy deny unused prose workflows docs rustdoc bench instructions \
	counted-instructions fuzz-lint fuzz linters packages partners rust

help: ## list the targets
	@echo 'rolecall: sign in to AWS with your company account'
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: rust packages ## build rolecall and run it with an embedded IdP, STS and console
	@echo 'Building rolecall (the first build takes minutes) and running the demo. Press Ctrl-C to stop it.'
	$(CARGO) run --release --locked -- demo

build: rust packages ## build the program: target/release/rolecall
	$(CARGO) build --release --locked

test: rust packages partners ## install what the tests need, and run all tests
	@rm -rf '$(TEST_OUTPUT)'
	@echo 'Running all tests: unit tests, HTTP tests, tests with third-party programs, browser tests.'
	PARTNERS='$(PARTNERS)' $(CARGO) test --locked --features partners --no-fail-fast
	@echo 'Screenshots and the output of the third-party programs are in $(TEST_OUTPUT).'

lint: fmt clippy rustdoc fuzz-lint deny unused prose workflows ## check code, dependencies, documents and workflows

fmt: rust
	$(CARGO) fmt --check

clippy: rust packages
	$(CARGO) clippy --locked --all-targets --all-features -- -D warnings

# Without the advisory database, this check is weaker, so the message must be conspicuous.
deny: rust
	@$(CARGO) deny --version >/dev/null 2>&1 || \
		{ echo 'Installing cargo-deny $(CARGO_DENY_VERSION), which takes minutes.'; \
		$(CARGO) install --locked --version $(CARGO_DENY_VERSION) cargo-deny; }
	@if timeout 120 $(CARGO) deny --all-features fetch db; then \
		set -x; $(CARGO) deny --all-features check; \
	else \
		echo; \
		echo '!! The advisory database could not be fetched: VULNERABILITIES AND YANKED VERSIONS'; \
		echo '!! WERE NOT CHECKED. Run `cargo deny check` on a machine that can fetch the database.'; \
		echo; \
		set -x; $(CARGO) deny --all-features check bans licenses sources; \
	fi

unused: rust
	@$(CARGO) machete --version >/dev/null 2>&1 || \
		{ echo 'Installing cargo-machete $(CARGO_MACHETE_VERSION).'; \
		$(CARGO) install --locked --version $(CARGO_MACHETE_VERSION) cargo-machete; }
	$(CARGO) machete

# Checks the line width, the structure of the documents, and every link within the project.
prose: linters
	$(LINTERS)/bin/rumdl check .

workflows: linters
	@$(LINTERS)/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(LINTERS)/bin/check-jsonschema --builtin-schema vendor.github-issue-forms \
		.github/ISSUE_TEMPLATE/bug.yml .github/ISSUE_TEMPLATE/feature.yml .github/ISSUE_TEMPLATE/idp.yml
	@$(LINTERS)/bin/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml

docs: rust packages ## build the guides (into target/book) and the code documentation (into target/doc)
	@command -v mdbook >/dev/null || \
		{ echo 'Installing mdbook $(MDBOOK_VERSION), which takes minutes.'; \
		$(CARGO) install --locked --version $(MDBOOK_VERSION) mdbook; }
	mdbook build
	$(MAKE) --no-print-directory rustdoc

rustdoc: rust packages
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --no-deps --document-private-items

bench: rust packages ## run the benchmarks for docs/performance.md, and draw charts (into target/bench)
	$(CARGO) bench --locked $(addprefix --bench ,$(BENCHES))

# The recorded figures are for x86-64 with AVX2. Other processors execute other instructions.
instructions: rust packages ## count the instructions of a verification; fail if there are over 5% more than recorded
	@if [ "$$(uname -m)" = x86_64 ] && grep -qw avx2 /proc/cpuinfo; then \
		$(MAKE) --no-print-directory counted-instructions; \
	else \
		echo; \
		echo '!! NOTHING WAS COUNTED: figures are recorded only for x86-64 with AVX2.'; \
		echo; \
	fi

counted-instructions:
	@scripts/debian-packages.sh 'counting instructions' valgrind
	@[ "$$(gungraun-runner --version 2>/dev/null)" = 'gungraun-runner $(GUNGRAUN_VERSION)' ] || \
		{ echo 'Installing gungraun-runner $(GUNGRAUN_VERSION).'; \
		$(CARGO) install --locked --version $(GUNGRAUN_VERSION) gungraun-runner; }
	$(CARGO) bench --locked --bench instructions

# Checks the fuzz targets without running them. The output goes into the main build's folder, so
# most crates are not built twice.
fuzz-lint: rust packages
	@scripts/debian-packages.sh fuzzing g++
	$(CARGO) clippy --locked --manifest-path fuzz/Cargo.toml --target-dir "$${CARGO_TARGET_DIR:-target}" --all-targets -- -D warnings

fuzz: rust packages ## run each fuzz target for FUZZ_SECONDS seconds (default: 600)
	@scripts/debian-packages.sh fuzzing g++
	@$(CARGO) fuzz --version >/dev/null 2>&1 || \
		{ echo 'Installing cargo-fuzz $(CARGO_FUZZ_VERSION).'; \
		$(CARGO) install --locked --version $(CARGO_FUZZ_VERSION) cargo-fuzz; }
	@FUZZ_SECONDS='$(FUZZ_SECONDS)' scripts/fuzz.sh $(FUZZ_TARGETS)

# Prerequisites of the other targets.

linters:
	@scripts/lint/install.sh '$(LINTERS)'

packages:
	@scripts/debian-packages.sh 'the build' $(BUILD_PACKAGES)

partners:
	@tests/partners/install.sh '$(PARTNERS)'

rust:
	@command -v $(CARGO) >/dev/null || \
		{ echo 'Rust is missing: install it (rustup, stable) and run make again.' >&2; exit 1; }
