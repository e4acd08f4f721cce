#!/bin/sh
# Runs a command with its temporary files in memory, where there is enough of it: a broker waits for the disk at each
# fsync, and a disk that others keep busy then makes a start of seconds take minutes.
#
#   Scripts/in-memory.sh COMMAND [ARGUMENT…]
set -eu

folder=/dev/shm
free=$(df -Pk "$folder" 2>/dev/null | awk 'NR == 2 { print $4 }')
available=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo 2>/dev/null || true)
if [ -n "${TMPDIR:-}" ] || [ ! -w "$folder" ] || [ "${free:-0}" -lt 4000000 ] || [ "${available:-0}" -lt 6000000 ]; then
    exec "$@"
fi

TMPDIR=$(mktemp -d "$folder/rabbittop-test.XXXXXXXX")
export TMPDIR
chmod 1777 "$TMPDIR" # As /tmp is: tests start brokers as other users, too.
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
"$@"
