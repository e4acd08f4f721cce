#!/bin/sh
# Installs what rabbittop needs and this machine lacks, after saying what and why; says nothing when all is there.
#
#   Scripts/dependencies.sh build    to compile it
#   Scripts/dependencies.sh demo     to run a private broker, too
#   Scripts/dependencies.sh test     to run the tests, too
#   Scripts/dependencies.sh bench    to run the benchmarks and not the tests
#
# RabbitMQ's package would start a broker of the whole system, and at every boot: a policy-rc.d that says no stands
# in its way while it is installed, and its units are left disabled. A broker that is there already is left alone.
set -eu

purpose=${1:-}
case $purpose in
build | demo | test | bench | install-as-root) ;;
*)
    echo 'usage: Scripts/dependencies.sh build|demo|test|bench' >&2
    exit 2
    ;;
esac
here=$(cd "$(dirname "$0")" && pwd)

policy=/usr/sbin/policy-rc.d
policy_before=$policy.before-rabbittop
policy_sign='# Put here by rabbittop for the time of one installation.'
units='rabbitmq-server.service epmd.service epmd.socket haproxy.service'

# Whether the installation of a package was begun and not finished; false where there is no dpkg.
half_installed() {
    case $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) in
    unpacked | half-installed | half-configured) true ;;
    *) false ;;
    esac
}

# --- As root: install-as-root PACKAGE… ------------------------------------------------------------------------

refuse_starts() {
    restore_starts # What an earlier run may have left when it was killed.
    if [ -e "$policy" ] || [ -L "$policy" ]; then mv "$policy" "$policy_before"; fi
    printf '#!/bin/sh\n%s\nexit 101\n' "$policy_sign" >"$policy.rabbittop"
    chmod 755 "$policy.rabbittop"
    mv "$policy.rabbittop" "$policy"
}

restore_starts() {
    rm -f "$policy.rabbittop"
    if [ -f "$policy" ] && grep -qxF "$policy_sign" "$policy"; then rm -f "$policy"; fi
    if [ -e "$policy_before" ] || [ -L "$policy_before" ]; then mv "$policy_before" "$policy"; fi
}

unit_exists() {
    [ -e "/lib/systemd/system/$1" ] || [ -e "/usr/lib/systemd/system/$1" ] || [ -e "/etc/systemd/system/$1" ]
}

disable_unit() {
    if command -v systemctl >/dev/null; then systemctl disable "$1" >/dev/null 2>&1 || true; fi
    rm -f /etc/systemd/system/*.wants/"$1"
}

# Whatever has been installed by now is not left enabled, also when the rest failed or was interrupted.
finish() {
    for unit in $new_units; do
        if unit_exists "$unit"; then disable_unit "$unit"; fi
    done
    if [ -n "$new_script" ] && [ -e /etc/init.d/rabbitmq-server ]; then
        update-rc.d rabbitmq-server disable >/dev/null 2>&1 || true
    fi
    restore_starts
}

apt_install() {
    apt-get install -y -q -o DPkg::Lock::Timeout=300 --no-install-recommends "$@" </dev/null >&2
}

install_as_root() {
    new_units=
    new_script=
    if half_installed rabbitmq-server || half_installed erlang-base; then new_units=$units; fi
    for unit in $units; do
        unit_exists "$unit" || new_units="$new_units $unit"
    done
    if half_installed rabbitmq-server || ! [ -e /etc/init.d/rabbitmq-server ]; then new_script=yes; fi

    trap finish EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    refuse_starts
    export DEBIAN_FRONTEND=noninteractive
    if ! apt_install "$@"; then
        # An earlier installation was interrupted, or the list of packages is missing or too old.
        dpkg --configure -a </dev/null >&2 || true
        apt-get update -q </dev/null >&2
        apt_install "$@"
    fi
}

if [ "$purpose" = install-as-root ]; then
    shift
    install_as_root "$@"
    exit 0
fi

# --- What is missing, and why it is needed --------------------------------------------------------------------

missing=
reasons=
need() {
    missing="$missing $1"
    reasons="$reasons
  $1: $2"
}

if ! command -v swift >/dev/null; then
    echo 'Swift 6.2 or later is needed to build rabbittop: see https://www.swift.org/install/linux' >&2
    exit 1
fi
[ -e /usr/include/curses.h ] || need libncurses-dev 'draws the screen'
[ -e /usr/include/sqlite3.h ] || need libsqlite3-dev "the database of the lab's applications"

if [ "$purpose" != build ]; then
    server=${RABBITTOP_RABBITMQ_SBIN:-}
    if [ -z "$server" ]; then
        for place in /usr/lib/rabbitmq/bin /opt/rabbitmq/sbin /usr/local/lib/rabbitmq/bin; do
            if [ -x "$place/rabbitmq-server" ]; then server=$place; fi
        done
    fi
    if [ -z "$server" ] || half_installed rabbitmq-server; then
        need rabbitmq-server 'a private broker in a temporary folder; no system broker is started or enabled'
    fi
fi

python_ready() {
    interpreter=${RABBITTOP_TEST_PYTHON:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/rabbittop/python/bin/python}
    [ -x "$interpreter" ]
}
if [ "$purpose" = bench ]; then
    command -v cc >/dev/null || need gcc 'compiles the client in C that the library is measured beside'
    [ -e /usr/include/stdlib.h ] || need libc6-dev 'the same'
    [ -e /usr/include/amqp.h ] || need librabbitmq-dev 'rabbitmq-c, the library of that client'
    command -v haproxy >/dev/null || need haproxy 'the proxy is measured beside it; no service is started or enabled'
fi
if [ "$purpose" = test ]; then
    command -v tmux >/dev/null || need tmux 'a terminal that tests can read'
    command -v openssl >/dev/null || need openssl 'certificates for the tests of TLS'
    python_ready || python3 -c 'import ensurepip, venv' 2>/dev/null ||
        need python3-venv "other people's AMQP clients, to test against"
fi

if [ -n "$missing" ]; then
    echo "rabbittop needs what this machine lacks:$reasons" >&2
    # shellcheck disable=SC2086 # one word a package
    set -- $missing
    if ! command -v apt-get >/dev/null; then
        echo "Only Debian's and Ubuntu's packages are installed from here. Install what these are called on this" >&2
        echo 'system, and do it again; RABBITTOP_RABBITMQ_SBIN names the folder of an unusual rabbitmq-server.' >&2
        exit 1
    fi
    # Whoever interrupts this waits for the installation to be left in order.
    trap : HUP INT TERM
    if [ "$(id -u)" = 0 ]; then
        "$here/dependencies.sh" install-as-root "$@" || exit
    elif command -v sudo >/dev/null; then
        echo "Installing with sudo:$missing" >&2
        sudo "$here/dependencies.sh" install-as-root "$@" || exit
    else
        echo "Run this as root: $here/dependencies.sh install-as-root$missing" >&2
        exit 1
    fi
    trap - HUP INT TERM
fi

if [ "$purpose" = test ]; then
    python_ready || echo "Making a Python environment with pika, aio-pika and kombu for the tests" >&2
    "$here/python-environment.sh" >/dev/null
fi
