#!/usr/bin/env bash
# What a malloc and its free cost natively, recorded by Memoir, and recorded by heaptrack
# where that is installed, side by side:
#   bench/pairs.sh [--build DIR] [--smoke]
# Nanoseconds of wall clock per pair and thread, median of the runs.
set -euo pipefail
. "$(dirname "$0")/common.sh"

pairs=500000
runs=3
[ -z "$smoke" ] || { pairs=500; runs=1; }
line_of_program='ns per pair'
peers=(native memoir)
if have_heaptrack; then peers+=(heaptrack); fi

run_once() {  # run_once PEER PROGRAM ARGS...
  case "$1" in
    native) "${@:2}" ;;
    memoir) recorded "$scratch/pairs.memoir" "${@:2}" ;;
    heaptrack) heaptracked "$scratch/peer" "${@:2}" ;;
  esac | awk '/ns per pair/ { print $1 }'
}

printf '%6s %8s' depth threads
printf '%12s' "${peers[@]}"
printf '\n'
for depth in 10 35; do
  for threads in 1 2 4; do
    rm -f "$scratch"/figures.*
    for ((i = 0; i < runs; ++i)); do
      for peer in "${peers[@]}"; do
        run_once "$peer" "$bench/pairs" "$depth" "$threads" "$pairs" >>"$scratch/figures.$peer"
      done
    done
    printf '%6d %8d' "$depth" "$threads"
    for peer in "${peers[@]}"; do printf '%12s' "$(median <"$scratch/figures.$peer")"; done
    printf '\n'
  done
done
