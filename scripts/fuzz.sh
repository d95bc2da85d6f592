#!/usr/bin/env bash
# Runs the named fuzz targets one after another, each for FUZZ_SECONDS. If a target has a finding,
# prints the command that reproduces the finding, and fails.
#
# rolecall has no unsafe code, so no sanitizer is needed, and stable Rust is sufficient.

set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-600}
failed=0

cargo fuzz build --sanitizer none
built=fuzz/target/$(rustc -vV | sed -n 's/^host: //p')/release
# Run copies, so that a rebuild does not change a running target.
copies=$(mktemp -d)
trap 'rm -rf "$copies"' EXIT
for target in "$@"; do cp "$built/$target" "$copies/"; done

for target in "$@"; do
    mkdir -p "fuzz/corpus/$target" "fuzz/artifacts/$target"
    folders=("fuzz/corpus/$target")
    [ ! -d "fuzz/seeds/$target" ] || folders+=("fuzz/seeds/$target")
    echo "== $target, for $seconds s"
    log=$copies/$target.log
    # An input that takes more than 5 s or 1 GB also counts as a finding.
    if ! "$copies/$target" "${folders[@]}" -artifact_prefix="fuzz/artifacts/$target/" \
        -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -max_len=65536 \
        -dict=fuzz/saml.dict -print_final_stats=1 >"$log" 2>&1; then
        grep -m1 -A4 'panicked' "$log" || true
        tail -n 20 "$log"
        echo "$target has a finding; reproduce it: cargo fuzz run --sanitizer none $target FILE" >&2
        failed=1
    fi
    grep -E 'inline 8-bit counters|INITED|DONE|stat::(number_of_executed_units|peak_rss_mb|slowest_unit)' "$log" || true
done
exit "$failed"
