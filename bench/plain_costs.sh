#!/usr/bin/env bash
# What the allocator library costs with tracking off, beside the same written by hand, in
# instructions as Valgrind counts them:
#   bench/plain_costs.sh [--build DIR] [--smoke]
# Each runs N times and 2N times; the difference is that of N times. Counts do not depend on
# how busy the machine is, so that this fails where a type costs a quarter more than what is
# written by hand.
set -euo pipefail
. "$(dirname "$0")/common.sh"

times=1000
[ -z "$smoke" ] || times=100
if ! command -v valgrind >/dev/null; then
  echo "plain_costs: valgrind is not installed, nothing was measured"
  exit 0
fi

instructions() {  # instructions CASE WAY TIMES: of the whole program
  local out=$scratch/callgrind
  valgrind --tool=callgrind --callgrind-out-file="$out" "$bench/plain_costs" "$@" \
    >/dev/null 2>"$scratch/stderr" || { cat "$scratch/stderr" >&2; return 1; }
  awk '/^(summary|totals):/ { print $2; exit }' "$out"
}

cost() {  # cost CASE WAY: instructions a round
  local once twice
  once=$(instructions "$1" "$2" "$times")
  twice=$(instructions "$1" "$2" $((2 * times)))
  awk -v a="$once" -v b="$twice" -v n="$times" 'BEGIN { printf "%.1f", (b - a) / n }'
}

failed=0
printf '%-8s %10s %10s %8s\n' case library 'by hand' ratio
for case in unique index span arena tensor ring; do
  ours=$(cost "$case" ours)
  hand=$(cost "$case" hand)
  awk -v c="$case" -v o="$ours" -v h="$hand" 'BEGIN {
    printf "%-8s %10.1f %10.1f %8.2f\n", c, o, h, o / h
    exit o > 1.25 * h }' || failed=1
done
[ "$failed" = 0 ] || echo "plain_costs: more than a quarter above what is written by hand" >&2
exit "$failed"
