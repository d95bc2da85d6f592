#!/usr/bin/env bash
# Installs the programs that rolecall is tested with, on Debian 12, as root or with sudo.
#
# Debian packages are installed system-wide. Everything else goes into target/partners (or the given
# folder), at the versions pinned here. If nothing is missing, the script ends at once.
#
#   tests/partners/install.sh [FOLDER]

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
partners=${1:-$root/target/partners}
mkdir -p "$partners"

say() {
    echo "partners: $*"
}

# Whether this version of a part must be installed: `needed NAME VERSION`.
needed() {
    [ "$(cat "$partners/$1/.installed" 2>/dev/null)" != "$2" ]
}

# Marks a part as completely installed: `finished NAME VERSION`.
finished() {
    printf '%s\n' "$2" >"$partners/$1/.installed"
}

packages() {
    local names=(
        php8.2-cli php8.2-xml php8.2-mbstring # runs SimpleSAMLphp
        python3 python3-venv                  # runs moto, nanoidp and the AWS CLI
        chromium chromium-driver
        logrotate # rotates the audit trail
        fish tcsh # read credentials in the formats for these shells
        libxml2-utils opensaml-schemas xmltooling-schemas # xmllint validates our metadata
        ca-certificates
    )
    # Node.js and its npm may have been installed in another way.
    command -v node >/dev/null || names+=(nodejs)
    command -v npm >/dev/null || names+=(npm)
    "$root/scripts/debian-packages.sh" "the tests" "${names[@]}"
}

# Debian's package is only unpacked. Installing it would also install and start a web server.
simplesamlphp() {
    local version=1.19.7 folder=$partners/simplesamlphp
    needed simplesamlphp $version || return 0
    say "SimpleSAMLphp $version"
    rm -rf "$folder"
    mkdir -p "$folder"
    local download
    download=$(mktemp -d)
    # apt's own unprivileged user cannot write into this folder, so download as root.
    (cd "$download" && apt-get download -q -o APT::Sandbox::User=root simplesamlphp >&2)
    local found
    found=$(dpkg-deb --field "$download"/simplesamlphp_*.deb Version)
    case $found in
    $version-*) ;;
    *)
        echo "Debian offers SimpleSAMLphp $found; the tests are written for $version" >&2
        exit 1
        ;;
    esac
    dpkg-deb --extract "$download"/simplesamlphp_*.deb "$folder"
    rm -rf "$download"
    finished simplesamlphp $version
}

python_programs() {
    local version
    version=$(sha256sum <"$here/requirements.txt")
    needed python "$version" || return 0
    say "moto, nanoidp and the AWS CLI"
    rm -rf "$partners/python"
    # Only Debian's own Python can use the package python3-venv.
    /usr/bin/python3 -m venv "$partners/python"
    "$partners/python/bin/pip" install --quiet --disable-pip-version-check \
        --requirement "$here/requirements.txt" </dev/null
    finished python "$version"
}

# Installs the packages of NAME/package-lock.json into their own folder: `node_packages NAME`.
node_packages() {
    local name=$1 version
    version=$(cat "$here/$name/package.json" "$here/$name/package-lock.json" | sha256sum)
    needed "$name" "$version" || return 0
    say "$name"
    rm -rf "${partners:?}/$name"
    mkdir -p "$partners/$name"
    cp "$here/$name/package.json" "$here/$name/package-lock.json" "$partners/$name/"
    (cd "$partners/$name" &&
        npm ci --no-audit --no-fund --ignore-scripts --loglevel=error </dev/null)
    finished "$name" "$version"
}

# An installed package does not guarantee that its program or PHP extension can be found.
check() {
    local program
    for program in php node chromium chromedriver fish tcsh xmllint; do
        command -v "$program" >/dev/null || {
            echo "$program is missing" >&2
            exit 1
        }
    done
    local extension extensions
    extensions=$(php -m)
    for extension in dom mbstring openssl session xmlwriter; do
        grep -qix "$extension" <<<"$extensions" || {
            echo "PHP's extension $extension is missing" >&2
            exit 1
        }
    done
}

packages
simplesamlphp
python_programs
node_packages samlp
node_packages axe-core
check
say "everything is installed"
