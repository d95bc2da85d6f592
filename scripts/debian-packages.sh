#!/bin/sh
# Installs the named Debian packages that are missing; returns at once if none is missing. On a
# system without apt, it prints the names of the packages and succeeds, because the programs may be
# installed in another way.
#
#   scripts/debian-packages.sh PURPOSE PACKAGE…

set -eu
purpose=$1
shift

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    echo "This is not Debian. For $purpose, install these packages (Debian's names): $*" >&2
    exit 0
fi

missing=
for package in "$@"; do
    # A virtual package counts as missing; apt-get then resolves its name.
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
        missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif command -v sudo >/dev/null; then
    as_root=sudo
else
    echo "For $purpose, install these packages as root:$missing" >&2
    exit 1
fi

echo "Installing for $purpose:$missing" >&2
# The package lists may be out of date. If the update fails, continue: the packages may still be
# available.
$as_root apt-get update -q </dev/null >&2 || echo "apt-get update failed; using the old lists" >&2
# shellcheck disable=SC2086 # a list of package names
$as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends $missing </dev/null >&2
