#!/usr/bin/env bash
# Searches for crashes with libFuzzer, under the address and undefined behaviour sanitizers:
#   tools/fuzz.sh [--seconds N] [TARGET...]
# Each target of tests/fuzz for N seconds (default 60), one after the other. What it finds
# is kept in build/fuzz/found, what it learned in build/fuzz/corpus. Needs clang and its
# libclang-rt-dev.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=60
targets=()
while [ $# -gt 0 ]; do
  case "$1" in
    --seconds) seconds=$2; shift 2 ;;
    -*) echo "usage: ${0##*/} [--seconds N] [TARGET...]" >&2; exit 2 ;;
    *) targets+=("$1"); shift ;;
  esac
done
if [ ${#targets[@]} -eq 0 ]; then
  for source in tests/fuzz/*_fuzz.cpp; do targets+=("$(basename "$source" _fuzz.cpp)"); done
fi

sanitizers=address,undefined,float-cast-overflow
cmake -S . -B build/fuzz -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ -DMEMOIR_LIBFUZZER=ON \
  -DMEMOIR_SANITIZE=fuzzer-no-link,$sanitizers >/dev/null
cmake --build build/fuzz --target "${targets[@]/%/_fuzz}" "${targets[@]/%/_seeds}"

status=0
# Traces that are written on the way stay in memory, where there is room.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
for target in "${targets[@]}"; do
  corpus=build/fuzz/corpus/$target
  seeds=build/fuzz/seeds/$target
  mkdir -p "$corpus" "$seeds" build/fuzz/found
  "build/fuzz/tests/fuzz/${target}_seeds" --seeds 100 "$seeds"
  "build/fuzz/tests/fuzz/${target}_fuzz" -max_total_time="$seconds" -timeout=20 \
    -rss_limit_mb=2048 -malloc_limit_mb=512 -max_len=16384 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/found/$target-" "$corpus" "$seeds" || status=1
done
exit $status
