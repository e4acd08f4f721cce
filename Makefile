# make demo     a private broker, a lively workload, and the dashboard; all gone on quit
# make check    the tests that need no broker and no terminal
# make test     all tests, against private brokers; ends with the slowest twenty and a summary
# make bench    measures the release: the dashboard on a private broker, the client library beside rabbitmq-c, and the proxy
#               beside haproxy; about twenty minutes. BENCH='--only client' measures the library alone, --only dashboard the
#               dashboard, --only recorder the recorder and the rules, --only proxy the proxy
# make lab      every experiment of the lab in all of its variants, at full size, with a page for each in .build/lab
# make fuzz     every parser of bytes from outside, SECONDS each (60), or one TARGET; SEED repeats a run
# make sanitize the client's tests, under the thread sanitizer and under the address sanitizer; builds each on its own
# make methods  writes the AMQP methods in Sources/AMQPWire from the table Sources/AMQPWire/Methods/methods.txt
# make docs     the library's documentation, with DocC, in .build/documentation
# make          builds rabbittop; `make release` builds it optimized

SWIFT ?= swift
FORMATTED = Package.swift Sources Tests $(wildcard Benchmarks/Package.swift Benchmarks/Sources Benchmarks/Core)

.PHONY: methods build release demo check test lab fuzz sanitize docs bench bench-dependencies format lint dependencies clean
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

check:
	@Scripts/dependencies.sh build
	@SWIFT=$(SWIFT) Scripts/run-tests.sh check

test:
	@Scripts/dependencies.sh test
	@SWIFT=$(SWIFT) Scripts/run-tests.sh all

lab: dependencies
	@$(SWIFT) build -c release --product rabbittop
	@Scripts/lab.sh "$$($(SWIFT) build -c release --show-bin-path)/rabbittop" .build/lab

SECONDS ?= 60
TARGET ?=
SEED ?=

fuzz:
	@Scripts/dependencies.sh build
	@RABBITTOP_FUZZ_SECONDS=$(SECONDS) RABBITTOP_FUZZ_TARGET=$(TARGET) RABBITTOP_FUZZ_SEED=$(SEED) \
		$(SWIFT) test --disable-xctest --no-parallel --filter '^FuzzTests\.'

# What runs the client: its machines, and all of it on real brokers and behind a gate that damages connections.
SANITIZED = AMQPWireTests|RabbitMQClientTests|BrokerTests.*(Client|FaultMatrix)

sanitize:
	@Scripts/dependencies.sh test
	@Scripts/sanitize.sh thread '$(SANITIZED)'
	@Scripts/sanitize.sh address '$(SANITIZED)'

methods:
	@$(SWIFT) Scripts/generate-methods.swift
	@$(SWIFT) format --in-place --configuration .swift-format Sources/AMQPWire/Method.swift Sources/AMQPWire/Methods/*.swift

docs:
	@SWIFT=$(SWIFT) Scripts/documentation.sh

# What the benchmarks compare with, and count with, is in C.
PROGRAMS = Benchmarks/.build/programs
COMPILE = $(CC) -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -o $@ $<

$(PROGRAMS)/rabbitmq-c-load: Benchmarks/Programs/rabbitmq-c-load.c | bench-dependencies
	@mkdir -p $(@D) && $(COMPILE) -lrabbitmq

$(PROGRAMS)/counting-peer: Benchmarks/Programs/counting-peer.c | bench-dependencies
	@mkdir -p $(@D) && $(COMPILE)

$(PROGRAMS)/allocation-count.so: Benchmarks/Programs/allocation-count.c | bench-dependencies
	@mkdir -p $(@D) && $(COMPILE) -shared -fPIC

bench-dependencies:
	@Scripts/dependencies.sh bench

bench: bench-dependencies $(PROGRAMS)/rabbitmq-c-load $(PROGRAMS)/counting-peer $(PROGRAMS)/allocation-count.so
	@$(SWIFT) build -c release --product rabbittop
	@$(SWIFT) build -c release --product CoreBenchmark
	@$(SWIFT) build -c release --package-path Benchmarks
	@exec "$$($(SWIFT) build -c release --package-path Benchmarks --show-bin-path)/Benchmarks" \
		--rabbittop "$$($(SWIFT) build -c release --show-bin-path)/rabbittop" \
		--core "$$($(SWIFT) build -c release --show-bin-path)/CoreBenchmark" --programs $(PROGRAMS) $(BENCH)

format:
	$(SWIFT) format --in-place --parallel --recursive --configuration .swift-format $(FORMATTED)

lint:
	@$(SWIFT) format lint --strict --parallel --recursive --configuration .swift-format $(FORMATTED)

clean:
	$(SWIFT) package clean
	rm -rf .build
