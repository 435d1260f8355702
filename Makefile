# Needs Go and a shell. Tools are fetched in the versions pinned in tools/go.mod.
GO   ?= go
TOOL := $(GO) tool -modfile=tools/go.mod

# The nested modules that "test" tests.
MODULES := $(filter-out tools e2e e2e/%,$(patsubst ./%/go.mod,%,$(wildcard ./*/go.mod ./*/*/go.mod)))

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: test
test: ## Run the tests of every module
	$(GO) test ./...
	@set -e; for m in $(MODULES); do echo "== $$m"; $(GO) -C $$m test ./...; done

.PHONY: race
race: ## Run the tests under the race detector
	$(GO) test -race ./...

.PHONY: lint
lint: ## Run golangci-lint
	$(TOOL) golangci-lint run ./...

.PHONY: fmt
fmt: ## Format with gofumpt and goimports
	$(TOOL) golangci-lint fmt ./...

.PHONY: generate
generate: ## Write the generated files
	$(GO) generate ./...
	$(GO) -C deploy/grafana generate ./...

.PHONY: screenshot
screenshot: ## Write the pictures of the README, with Chromium
	$(GO) -C cmd/otelvoice/internal/ui/browser test -run PicturesOfTheREADME . -args -update

.PHONY: api
api: ## Count the exported identifiers of each package
	$(GO) run ./internal/gen/apilist -count

.PHONY: outdated
outdated: ## List modules and images of which a newer version is known
	$(GO) run ./internal/gen/outdated

.PHONY: bench
bench: ## Run the benchmarks, for benchstat, and the comparisons
	$(GO) test -run '^$$' -bench . -benchmem -count 6 ./...
	$(GO) -C benchmarks run .

.PHONY: example
example: ## Run the example voice agent with its callers and provider
	$(GO) run ./examples/voiceagent

.PHONY: e2e
e2e: ## Build the real servers and run the end-to-end tests
	$(GO) -C e2e test -p 1 -parallel 3 -timeout 30m ./...

.PHONY: ci
ci: ## Run all checks
	bash .ci/run
