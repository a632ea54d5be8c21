#!/usr/bin/env bash
# How many instructions Memoir adds to a malloc and its free, as Valgrind counts them:
#   bench/instructions.sh [--build DIR] [--smoke]
# The program runs under callgrind, natively and recorded, for N pairs and for 2N; the
# difference is that of N pairs, without the start and the end. Only the program is counted,
# the collector is another process. Counts do not depend on how busy the machine is.
set -euo pipefail
. "$(dirname "$0")/common.sh"

pairs=20000
[ -z "$smoke" ] || pairs=200
if ! command -v valgrind >/dev/null; then
  echo "instructions: valgrind is not installed, nothing was measured"
  exit 0
fi

# instructions WAY DEPTH PAIRS: of the whole program. Valgrind is started by Memoir and not
# recorded itself; LD_PRELOAD, which Memoir sets, is for the program that it runs.
instructions() {
  local out=$scratch/callgrind way=$1
  rm -f "$out"*
  local command=(valgrind --tool=callgrind --callgrind-out-file="$out"
    "$bench/pairs" "$2" 1 "$3")
  case "$way" in
    native) "${command[@]}" >/dev/null 2>"$scratch/stderr" ;;
    memoir) recorded "$scratch/counted.memoir" "${command[@]}" >/dev/null ;;
  esac || { cat "$scratch/stderr" >&2; return 1; }
  if [ "$way" = memoir ]; then
    local recorded_events
    recorded_events=$("$memoir" sql --csv "$scratch/counted.memoir" \
      'SELECT max(events) FROM process' | tail -n 1 | tr -d '\r')
    if [ "$recorded_events" -lt $((2 * $3)) ]; then
      echo "instructions: not recorded under valgrind ($recorded_events events)" >&2
      return 1
    fi
  fi
  awk '/^(summary|totals):/ { print $2; exit }' "$out"
}

added_by() {  # added_by WAY DEPTH: instructions a pair
  local once twice
  once=$(instructions "$1" "$2" "$pairs")
  twice=$(instructions "$1" "$2" $((2 * pairs)))
  awk -v a="$once" -v b="$twice" -v n="$pairs" 'BEGIN { printf "%.1f", (b - a) / n }'
}

printf '%6s %10s %10s %10s\n' depth native recorded added
for depth in 10 35; do
  native=$(added_by native "$depth")
  memoir_pair=$(added_by memoir "$depth")
  awk -v d="$depth" -v n="$native" -v m="$memoir_pair" 'BEGIN {
    printf "%6d %10.1f %10.1f %10.1f\n", d, n, m, m - n }'
done
