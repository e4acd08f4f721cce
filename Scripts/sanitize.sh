#!/bin/sh
# Runs tests under a sanitizer, from a build folder of its own. Fails when a test does, and when the sanitizer reports.
#
#   Scripts/sanitize.sh thread|address FILTER
set -eu
cd "$(dirname "$0")/.."

sanitizer=$1
swift=${SWIFT:-swift}
# Without randomized addresses: the thread sanitizer's shadow memory has fixed places, which these may fall into.
run=
if command -v setarch >/dev/null && setarch -R true 2>/dev/null; then run='setarch -R'; fi
export TSAN_OPTIONS="halt_on_error=0 exitcode=66 suppressions=$PWD/Scripts/thread-sanitizer.supp ${TSAN_OPTIONS:-}"
# Continuations and event loops outlive the tests: what is reachable at the end is no leak.
export ASAN_OPTIONS="detect_leaks=0 ${ASAN_OPTIONS:-}"

# shellcheck disable=SC2086 # two words, or none
exec Scripts/in-memory.sh $run "$swift" test --scratch-path ".build-$sanitizer" --sanitize "$sanitizer" \
    --disable-xctest --no-parallel --filter "$2"
