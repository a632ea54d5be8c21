#!/usr/bin/env bash
# What an exception costs in a C program's C++ plugin, natively and recorded:
#   bench/throwing_plugin.sh [--build DIR] [--smoke]
set -euo pipefail
. "$(dirname "$0")/common.sh"

throws=20000
runs=5
[ -z "$smoke" ] || { throws=50; runs=1; }
program=("$bench/throwing_plugin" "$bench/throwing_plugin.so" "$throws")

# Alternately, so that both see the same moods of the machine.
for ((i = 0; i < runs; ++i)); do
  "${program[@]}" | awk '{ print $1 }' >>"$scratch/native"
  recorded "$scratch/throw.memoir" "${program[@]}" >"$scratch/out"
  awk '{ print $1 }' "$scratch/out" >>"$scratch/memoir"
done
native=$(median <"$scratch/native")
memoir_ns=$(median <"$scratch/memoir")
awk -v n="$native" -v m="$memoir_ns" -v r="$runs" -v t="$throws" 'BEGIN {
  printf "median of %d runs of %d throws\n", r, t
  printf "native %8d ns per throw\nmemoir %8d ns per throw\nratio  %8.2f\n", n, m, m / n
}'
