#!/bin/sh
# Installs the linters for documents and workflows into a folder, unless they are already there.
#
#   scripts/lint/install.sh FOLDER

set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
version=$(sha256sum <"$here/requirements.txt")
[ "$(cat "$folder/.installed" 2>/dev/null)" != "$version" ] || exit 0
"$here/../debian-packages.sh" "the linters" python3 python3-venv ca-certificates
rm -rf "$folder"
python=/usr/bin/python3
[ -x "$python" ] || python=python3
"$python" -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check \
    --requirement "$here/requirements.txt" </dev/null
printf '%s\n' "$version" >"$folder/.installed"
