#!/usr/bin/env bash
# Runs the fuzz targets that are named, one after the other, each for FUZZ_SECONDS. Fails if one of
# them found something; what it prints then says how to play that again.
#
# Without a sanitizer: rolecall has no unsafe code, and like this the stable toolchain will do.

set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-600}
failed=0

cargo fuzz build --sanitizer none
built=fuzz/target/$(rustc -vV | sed -n 's/^host: //p')/release
# What runs does not change while the tree does.
copies=$(mktemp -d)
trap 'rm -rf "$copies"' EXIT
for target in "$@"; do cp "$built/$target" "$copies/"; done

for target in "$@"; do
    mkdir -p "fuzz/corpus/$target" "fuzz/artifacts/$target"
    folders=("fuzz/corpus/$target")
    [ ! -d "fuzz/seeds/$target" ] || folders+=("fuzz/seeds/$target")
    echo "== $target, for $seconds s"
    log=$copies/$target.log
    # An input that takes 5 s, or 1 GB, is a finding as well.
    if ! "$copies/$target" "${folders[@]}" -artifact_prefix="fuzz/artifacts/$target/" \
        -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -max_len=65536 \
        -dict=fuzz/saml.dict -print_final_stats=1 >"$log" 2>&1; then
        grep -m1 -A4 'panicked' "$log" || true
        tail -n 20 "$log"
        echo "$target: a finding; cargo fuzz run --sanitizer none $target FILE plays it again" >&2
        failed=1
    fi
    grep -E 'inline 8-bit counters|INITED|DONE|stat::(number_of_executed_units|peak_rss_mb|slowest_unit)' "$log" || true
done
exit "$failed"
