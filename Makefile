# Two commands do everything on a fresh Debian machine: make run, make test.
SHELL := /bin/bash
.DEFAULT_GOAL := help
GO = $(shell scripts/setup --print-go)
DATA ?= data
PKGS = ./...

.PHONY: help image-check lighthouse sbom vuln release reproducible setup build run test drill hostile fuzz test-real test-redis test-postgres test-s3 drills lint ops conformance screenshots bench clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## install what building and running need (says what)
	@scripts/setup

build: setup ## bin/sohoa
	@echo "building bin/sohoa (the first time takes a few minutes)"
	@mkdir -p bin
	$(GO) build -o bin/sohoa ./cmd/sohoa

run: build ## the whole service with a demonstration, on http://127.0.0.1:8080
	bin/sohoa serve --demo --data $(DATA)

test: setup ## everything that must hold
	scripts/test

drill: build ## kill -9 the real process in the middle of 200 uploads, twice
	$(GO) run ./bench/drill -sohoa bin/sohoa

hostile: build ## hostile files against the real service and its command, while ordinary work goes on
	$(GO) run ./bench/hostile -sohoa bin/sohoa

fuzz: setup ## every reader of outside bytes, FUZZ seconds each (20)
	scripts/fuzz

test-real: build ## all that can be pointed at real engines, on PostgreSQL, Redis (one, Sentinel, Cluster) and S3
	scripts/test-real

drills: build ## 1,000 papers while every part is killed, the wire cut, disks filled; takes root (PAPERS=1000 EACH=5)
	PAPERS=$${PAPERS:-1000} EACH=$${EACH:-5} scripts/test-real house

test-redis: build ## the queue and the drill on real Redis servers: one, Sentinel, a Cluster
	scripts/test-redis

test-postgres: build ## the database's tests and the drill on a real PostgreSQL
	scripts/test-postgres

test-s3: setup ## the object store on two real S3 servers (versitygw, S3Proxy)
	scripts/test-s3

lint: setup ## gofmt, vet, the rules of the house
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet $(PKGS)
	$(GO) test -run TestRules .

ops: build ## outside judges of compose.yaml, ops/kubernetes, alerts and dashboard
	scripts/test-ops

image-check: ## the image built by the Dockerfile, run as nobody on a root that is only read, a paper archived in it; takes root, by hand
	scripts/image-check

conformance: build ## outside judges: veraPDF, pyHanko, pdfsig, qpdf, poppler, OpenSSL, bagit, commons-ip; readers: Chromium, PDFium, pdf.js, MuPDF
	scripts/conformance

screenshots: build ## a picture of every page, as each role, in both languages, light and dark, in screenshots/
	@scripts/setup --judges
	mkdir -p screenshots && SOHOA_SHOTS=$(CURDIR)/screenshots CONFORMANCE=all $(GO) test -tags conformance -count=1 -v -run TestPagesLookedAt/axe ./conformance

lighthouse: build ## Lighthouse on a page of every kind, by hand
	@scripts/setup --judges
	CONFORMANCE=all $(GO) test -tags conformance -count=1 -v -run TestLighthouse ./conformance

sbom: build ## bin/sohoa.cdx.json: what the program was built from (CycloneDX)
	$(GO) run ./cmd/internal/sbom bin/sohoa > bin/sohoa.cdx.json

release: setup ## bin/sohoa without the machine's paths, times and ids (make reproducible compares two)
	@mkdir -p bin
	GOFLAGS= $(GO) build $$(scripts/release-flags) -o bin/sohoa ./cmd/sohoa

reproducible: setup ## two releases from two directories, compared; two whole builds, by hand
	scripts/reproducible

vuln: build ## known vulnerabilities in what the program is linked from and the pages hold
	scripts/vuln

bench: ## comparisons with peers, see bench/
	@scripts/setup --bench
	$(GO) run ./bench/ocr -run

clean: ## forget what was built (not the data)
	rm -rf bin .cache
