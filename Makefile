# make demo     a private broker, a lively workload, and the flight deck; all gone on quit
# make test     all tests, against a private broker
# make bench    measures the release on a private broker: start, answer to keys, cost; about six minutes
# make          builds rabbittop; `make release` builds it optimized

SWIFT ?= swift
FORMATTED = Package.swift Sources Tests $(wildcard Benchmarks/Package.swift Benchmarks/Sources)

.PHONY: build release demo test bench format lint dependencies clean
.DEFAULT_GOAL := build

build:
	@Scripts/dependencies.sh build
	$(SWIFT) build

release:
	@Scripts/dependencies.sh build
	$(SWIFT) build -c release --product rabbittop

# What the broker and the workload need; installs what is missing and starts nothing.
dependencies:
	@Scripts/dependencies.sh demo

demo: dependencies
	@$(SWIFT) build -c release --product rabbittop
	@exec "$$($(SWIFT) build -c release --show-bin-path)/rabbittop" demo

test:
	@Scripts/dependencies.sh test
	@$(SWIFT) test --disable-xctest --no-parallel

bench:
	@Scripts/dependencies.sh demo
	@$(SWIFT) build -c release --product rabbittop
	@$(SWIFT) build -c release --package-path Benchmarks
	@exec "$$($(SWIFT) build -c release --package-path Benchmarks --show-bin-path)/Benchmarks" \
		--rabbittop "$$($(SWIFT) build -c release --show-bin-path)/rabbittop" $(BENCH)

format:
	$(SWIFT) format --in-place --parallel --recursive --configuration .swift-format $(FORMATTED)

lint:
	@$(SWIFT) format lint --strict --parallel --recursive --configuration .swift-format $(FORMATTED)

clean:
	$(SWIFT) package clean
	rm -rf .build
