#!/usr/bin/env bash
# How large is the trace of ten million events, and how soon does a report on it answer?
#   bench/trace_size.sh [--build DIR] [--smoke]
set -euo pipefail
. "$(dirname "$0")/common.sh"

events=10000000
[ -z "$smoke" ] || events=20000
trace=$scratch/events.memoir

seconds_since() { awk -v a="$1" -v b="$(date +%s.%N)" 'BEGIN { printf "%.2f", b - a }'; }
print_size() {  # print_size WHAT FILE
  awk -v what="$1" -v bytes="$(stat -c %s "$2")" -v n="$events" 'BEGIN {
    printf "%-10s %8.2f MB %6.2f bytes per event\n", what, bytes / 1e6, bytes / n }'
}

start=$(date +%s.%N)
"$bench/many_events" "$events" >/dev/null
native=$(seconds_since "$start")
start=$(date +%s.%N)
recorded "$trace" "$bench/many_events" "$events" >/dev/null
run=$(seconds_since "$start")
start=$(date +%s.%N)
"$memoir" report "$trace" >/dev/null
report=$(seconds_since "$start")

echo "$events events"
print_size memoir "$trace"
if have_heaptrack; then
  line_of_program='[0-9]+ events$'
  start=$(date +%s.%N)
  heaptracked "$scratch/peer" "$bench/many_events" "$events" >/dev/null
  heaptrack_run=$(seconds_since "$start")
  print_size heaptrack "$(echo "$scratch"/peer.*)"
fi
echo "native run       $native s"
echo "memoir run       $run s"
[ -z "${heaptrack_run:-}" ] || echo "heaptrack run    $heaptrack_run s"
echo "memoir report    $report s"
