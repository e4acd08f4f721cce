#!/bin/sh
# Runs every experiment of the lab in all of its variants, at full size, and writes a page for each.
#
#   Scripts/lab.sh RABBITTOP FOLDER
set -eu

if [ $# -ne 2 ]; then
    echo 'usage: Scripts/lab.sh RABBITTOP FOLDER' >&2
    exit 2
fi
rabbittop=$1
folder=$2

mkdir -p "$folder"
failed=
names=$("$rabbittop" lab list)
names=$(printf '%s\n' "$names" | awk '/^[a-z]/ && $1 != "rabbittop" { print $1 }')
if [ -z "$names" ]; then
    echo 'rabbittop lab list names no experiment.' >&2
    exit 1
fi
for name in $names; do
    echo "== $name"
    "$rabbittop" lab run "$name" --report "$folder/$name.html" || failed="$failed $name"
done
if [ -n "$failed" ]; then
    echo "Not as expected:$failed" >&2
    exit 1
fi
echo "Pages to look at are in $folder."
