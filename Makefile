# `make help` lists the targets. Everything beside Go itself that a target needs
# is installed once into a cache folder outside the checkout.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GOLANGCI_LINT_VERSION := v2.15.0
TARGETS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

SHA256SUM := $(if $(shell command -v sha256sum),sha256sum,shasum -a 256)

# The version stands in the path, so that a new one is installed beside the old.
TOOLS := $(or $(FORUMINE_CACHE),$(HOME)/.cache/forumine)/bin
GOLANGCI_LINT := $(TOOLS)/golangci-lint-$(GOLANGCI_LINT_VERSION)

# What runs the tests: .ci/run puts a runner that reports skips in its place.
GO_TEST ?= go test
PKG ?= ./...
TEST_TIMEOUT ?= 20m
PROOF_TIMEOUT ?= 2h

# Tests that start the whole program: under the race detector, which SQLite runs
# eight times slower in, they run a few cases only, so they run without it too.
SLOW_UNDER_RACE ?= ./cmd/forumine

# The race detector needs a C compiler; where there is none, tests run without.
RACE ?= $(shell [ "$$(go env CGO_ENABLED)" = 1 ] && echo -race)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: test
test: ## vet, then all tests with the race detector (PKG=./extract/... for a part)
	go vet $(PKG)
	$(GO_TEST) $(RACE) -timeout $(TEST_TIMEOUT) $(PKG)
ifneq ($(RACE),)
	$(GO_TEST) -timeout $(TEST_TIMEOUT) $(SLOW_UNDER_RACE)
endif

.PHONY: lint
lint: $(GOLANGCI_LINT) ## golangci-lint with .golangci.yml: style, mistakes, layers
	$(GOLANGCI_LINT) run $(PKG)

.PHONY: fix
fix: $(GOLANGCI_LINT) ## gofmt, and what the linters can mend by themselves
	gofmt -s -w $$(go list -f '{{.Dir}}' $(PKG))
	$(GOLANGCI_LINT) run --fix $(PKG)

.PHONY: check
check: lint test ## what a change must pass: lint and test

.PHONY: proof
proof: ## the long tests too: crashes, outages, large forums
	FORUMINE_PROOF=1 $(GO_TEST) -count=1 -timeout $(PROOF_TIMEOUT) $(PKG)

.PHONY: bench
bench: ## the benchmarks (BENCH=regexp picks some)
	$(GO_TEST) -run '^$$' -bench '$(or $(BENCH),.)' -benchmem $(PKG)

# Only the test packages that define the flag take -update.
.PHONY: generate
generate: ## rewrite the expected files of the tests from what the code says now
	@packages=$$(grep -rlE --include='*_test.go' 'flag\.Bool\("update"' . | xargs -r -n1 dirname | sort -u || true); \
	for package in $$packages; do \
		echo "go test $$package -update"; \
		go test "$$package" -count=1 -update; \
	done
	@git --no-pager diff --stat

.PHONY: forumine
forumine: ## the program for this machine: dist/forumine
	CGO_ENABLED=0 go build -trimpath -o dist/forumine$$(go env GOEXE) ./cmd/forumine

.PHONY: build
build: ## static programs without cgo for all platforms, with checksums: dist/
	@for target in $(TARGETS); do \
		export CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/}; \
		out="dist/forumine-$$GOOS-$$GOARCH$$(go env GOEXE)"; \
		echo "$$out"; \
		go build -trimpath -ldflags '-s -w' -o "$$out" ./cmd/forumine; \
	done
	@cd dist && $(SHA256SUM) forumine-* >SHA256SUMS

# Type-checks tests too, which go build leaves out.
.PHONY: platforms
platforms: ## compile all packages and their tests for all platforms
	@for target in $(TARGETS); do \
		export CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/}; \
		echo "$$target"; \
		go build $(PKG); \
		go vet $(PKG); \
	done

.PHONY: clean
clean: ## remove what the other targets made inside the checkout
	rm -rf dist

$(GOLANGCI_LINT):
	mkdir -p $(@D)
	dir=$$(mktemp -d '$(@D)/install.XXXXXX') && trap "rm -rf $$dir" EXIT && \
		GOBIN=$$dir GOFLAGS= CGO_ENABLED=0 go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION) && \
		mv $$dir/golangci-lint $@
