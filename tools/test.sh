#!/usr/bin/env bash
# Installs what is missing, builds the dev preset and runs every test:
#   tools/test.sh [PRESET] [ctest options]
# Ends with ctest's own closing lines, and with its exit status.
set -euo pipefail
cd "$(dirname "$0")/.."
case "${1:-}" in
  '' | -*) preset=dev ;;
  *) preset=$1; shift ;;
esac
jobs=$(nproc)

tools/setup.sh
# A tree that is made here is made whole; one that somebody works in stays as it is.
whole=()
[ -e "build/$preset/CMakeCache.txt" ] || whole=(-DMEMOIR_UNITY=ON)
cmake --preset "$preset" "${whole[@]}" >/dev/null
cmake --build --preset "$preset" -j "$jobs"
exec ctest --preset "$preset" -j "$jobs" "$@"
