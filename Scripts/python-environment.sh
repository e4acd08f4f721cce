#!/bin/sh
# Prints the path of a Python interpreter that has the client libraries the tests use as other people's clients.
# Makes its environment in the cache folder when it is not there yet, or when the list below has changed.
# RABBITTOP_TEST_PYTHON names an interpreter that is used as it is.
set -eu

packages='pika==1.3.2 aio-pika==9.5.5 kombu==5.5.4'

if [ -n "${RABBITTOP_TEST_PYTHON:-}" ]; then
    echo "$RABBITTOP_TEST_PYTHON"
    exit 0
fi

environment=${XDG_CACHE_HOME:-${HOME:?}/.cache}/rabbittop/python
interpreter=$environment/bin/python

# An interpreter that has been removed or replaced since leaves an environment that does not start.
ready() {
    [ "$(cat "$environment/packages" 2>/dev/null)" = "$packages" ] && "$interpreter" -c '' 2>/dev/null
}

if ! ready; then
    mkdir -p "$(dirname "$environment")"
    # Test processes that start together must not make it twice.
    exec 9>"$environment.lock"
    flock 9
    if ! ready; then
        rm -rf "$environment"
        if ! python3 -m venv "$environment" >&2; then
            echo 'No Python environment could be made. On Debian: apt-get install python3-venv' >&2
            exit 1
        fi
        # shellcheck disable=SC2086 # one word a package
        if ! "$interpreter" -m pip install --quiet --disable-pip-version-check $packages >&2; then
            echo "Python's package index could not be reached, or does not have: $packages" >&2
            exit 1
        fi
        echo "$packages" >"$environment/packages"
    fi
fi
echo "$interpreter"
