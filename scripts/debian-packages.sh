#!/bin/sh
# Installs those of the named Debian packages that are missing; takes no time when none is.
# On a system without apt it says what is needed and goes on, as the programs may come another way.
#
#   scripts/debian-packages.sh PURPOSE PACKAGE…

set -eu
purpose=$1
shift

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    echo "This is not Debian. For $purpose you need what Debian calls: $*" >&2
    exit 0
fi

missing=
for package in "$@"; do
    # Debian's own names first, then what another package provides under that name.
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
        missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif command -v sudo >/dev/null; then
    as_root=sudo
else
    echo "For $purpose these packages must be installed, by root:$missing" >&2
    exit 1
fi

echo "Installing for $purpose:$missing" >&2
# The lists that the system has may be too old to be of use; a mirror that cannot be reached now
# is no reason to stop while the packages themselves can be had.
$as_root apt-get update -q </dev/null >&2 || echo "apt-get update failed; trying the old lists" >&2
# shellcheck disable=SC2086 # a list of words
$as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends $missing </dev/null >&2
