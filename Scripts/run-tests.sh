#!/bin/bash
# Runs the tests in parts, each in the way that suits it, and prints the slowest and a summary.
#
#   Scripts/run-tests.sh check       what needs no broker and no terminal
#   Scripts/run-tests.sh all         that, and the rest
set -uo pipefail
cd "$(dirname "$0")/.."
SWIFT=${SWIFT:-swift}

# Computation alone: in parallel.
PARALLEL='^(Names|AMQPWire|Faults|HTMLPages|Lab|MessageRouting|Recorder|Screen|TopCore|TopView|rabbittop|Fuzz|Documentation)Tests\.'
# Peers in memory or on loopback sockets that answer in time: one after the other.
SERIAL='^(RabbitMQClient|RabbitMQManagement|ClientInspector|AMQPProxy|BrokerMonitor|BrokerOperations|TCPGate)Tests\.'
# Real brokers and real terminals.
BROKERS='^(Broker|EndToEnd|LocalBroker|Terminal)Tests\.'

for folder in Tests/*Tests; do
    echo "${folder#Tests/}." | grep -qE "$PARALLEL|$SERIAL|$BROKERS" || { echo "$0 does not run $folder." && exit 1; }
done

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0

part() {
    Scripts/in-memory.sh "$SWIFT" test --disable-xctest "$@" 2>&1 | tee -a "$log" || status=$?
}

part --filter "$PARALLEL"
# Side by side a test's time is mostly that of the others: the slowest are sought among those that run alone.
grep -a 'Test run with' "$log" >"$log.summary"
mv "$log.summary" "$log"
part --skip-build --no-parallel --filter "$SERIAL"
[ "$1" = check ] || part --skip-build --no-parallel --filter "$BROKERS"

echo "The slowest tests, in seconds:"
grep -aE 'Test .* (passed|failed) after [0-9.]+ seconds' "$log" | grep -av 'Test run with' |
    sed -E 's/^.*Test (.*) (passed|failed) after ([0-9.]+) seconds.*$/\3  \1/' | sort -rn | head -n 20
echo
grep -a 'Test run with' "$log" | awk -v status="$status" '
    { for (i = 1; i < NF; i++) {
        if ($i == "run") tests += $(i + 2)
        if ($i == "in") suites += $(i + 1)
        if ($i == "after") seconds += $(i + 1)
    } }
    END { printf "%s Test run with %d tests in %d suites %s after %.0f seconds.\n",
        status ? "✘" : "✔", tests, suites, status ? "failed" : "passed", seconds }'
exit "$status"
