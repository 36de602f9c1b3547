#!/bin/sh
# Install the real servers that tests talk to, by apt, where this user may. Where not, say what
# will be skipped and how to mend it; the tests themselves decide (under CI they fail instead).
set -eu

missing=""
need() { # need COMMAND PACKAGE: the package holds the command.
    command -v "$1" > /dev/null || missing="$missing $2"
}
need java default-jre-headless
need mvn maven
need prometheus prometheus
need promtool prometheus
need prometheus-alertmanager prometheus-alertmanager
need chromium chromium
need kcat kcat
need openssl openssl
[ -n "$missing" ] || exit 0

missing=$(printf '%s\n' $missing | sort -u | tr '\n' ' ')
install="apt-get install --yes --no-install-recommends $missing"

as_root=no
if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo > /dev/null && sudo -n true 2> /dev/null; then
    as_root="sudo"
fi
if [ "$as_root" = no ] || ! command -v apt-get > /dev/null; then
    echo "Not installed: $missing"
    echo "The tests that need them are skipped. To run them: sudo $install"
    exit 0
fi

echo "Installing for the tests: $missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# A package's own service would take the port of one that is meant to run here: none is started.
if ! { $as_root apt-get update && $as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 $install; } \
    > "$log" 2>&1 < /dev/null; then
    tail -n 20 "$log" >&2
    echo "Installing failed; the tests that need $missing will say so." >&2
fi
