# Goodgate's front door. `make help` lists the verbs; CMakePresets.json holds the flags.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
DESTDIR ?=
SECONDS ?= 60
TARGET ?=
FILES ?=
BENCH ?=
GG_SECONDS ?=
FAULTS ?=

build = cmake --preset $(1) >build/$(1).configure.log 2>&1 || { cat build/$(1).configure.log; exit 1; }; \
        cmake --build build/$(1) -j $(JOBS) $(if $(2),--target $(2))

.PHONY: help run build test unit sim wire cost bench faults lint lint-full format fuzz soak mutants docs package install uninstall ci clean
.PHONY: setup-build setup-test setup-lint setup-bench release debug tsan

help: ## Show this list
	@echo "Goodgate. On a fresh Debian 12 machine, 'make run' and 'make test' do everything."
	@awk -F ':.*## ' '/^[a-z -]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup-build ## Build optimised and start the demo
	@$(call build,release,goodgate)
	@build/release/goodgate demo

build: setup-build ## Build build/release/goodgate, the program as it ships
	@$(call build,release,goodgate)

test: setup-test ## Build everything and run every test (the README's test command)
	@tools/lint
	@$(call build,debug)
	@$(call build,release)
	@$(call build,tsan)
	@tools/run_tests.py debug release tsan

unit sim wire: setup-test ## Run one kind of test (debug build, sanitizers on)
	@$(call build,debug)
	@tools/run_tests.py debug --label $@

cost: setup-test ## Check system calls, allocations, frame sizes and instructions per request
	@$(call build,release)
	@tools/run_tests.py release --label cost

bench: setup-bench ## Measure beside Debian's nginx and HAProxy; writes bench/results.md (BENCH=options)
	@$(call build,release)
	@bench/run $(BENCH)

faults: setup-test ## Rebuild every fault situation beside nginx and HAProxy; writes docs/faults.md (FAULTS=options)
	@$(call build,release)
	@tests/faults/run --write $(FAULTS)

lint: setup-test ## Check rules, layers and format: seconds
	@tools/lint

lint-full: setup-lint ## The same, then clang-tidy over every file (FILES="…" for some): minutes
	@tools/lint
	@tools/clang_tidy $(FILES)

format: setup-test ## Format every C++ file in place
	@git ls-files '*.h' '*.cc' | xargs clang-format-19 -i

fuzz: setup-test ## Fuzz each target for SECONDS=60 (TARGET=name for one)
	@$(call build,fuzz)
	@tools/fuzz $(SECONDS) $(TARGET)

soak: setup-test ## Simulate fresh seeds until stopped (GG_SECONDS=600); failing ones are kept in build/soak
	@$(call build,release,sim)
	@GG_SECONDS=$(GG_SECONDS) tools/soak

mutants: setup-test ## Break a copy of the gateway on purpose, again and again, and see the simulation notice
	@tools/mutants $(FILES)

docs: setup-build ## Write the generated documents and the configuration schema again
	@$(call build,debug,gendocs)
	@build/debug/gendocs .

package: build ## Make build/goodgate_VERSION_ARCHITECTURE.deb; `tools/package --try` installs it in a fresh Debian
	@tools/package

install: build ## Install to PREFIX=/usr/local (DESTDIR= for packagers)
	@tools/install add "$(PREFIX)" "$(DESTDIR)"

uninstall: ## Remove exactly what install put there
	@tools/install remove "$(PREFIX)" "$(DESTDIR)"

ci: ## What CI runs, no more and no less
	@bash .ci/run

clean: ## Remove every build folder
	@rm -rf build

setup-build setup-test setup-lint setup-bench: setup-%:
	@mkdir -p build
	@tools/setup $*
