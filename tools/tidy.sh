#!/usr/bin/env bash
# Runs clang-tidy over the sources of a build tree: tools/tidy.sh [PRESET] [FILE...]
# Without files, over all that the preset compiles. Any finding is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-dev}
shift || true
if ! command -v clang-tidy >/dev/null; then
  echo "tidy.sh: clang-tidy is missing; tools/setup.sh installs it" >&2
  exit 1
fi
database=build/$preset
[ -f "$database/compile_commands.json" ] || cmake --preset "$preset" >/dev/null

if [ $# -gt 0 ]; then
  printf '%s\0' "$@"
else
  python3 - "$database/compile_commands.json" <<'PY'
import json, sys
files = {entry["file"] for entry in json.load(open(sys.argv[1]))}
ours = [f for f in files if f.endswith(".cpp") and ("/runtime/" in f or "/preload/" in f)]
sys.stdout.write("".join(f + "\0" for f in sorted(ours)))
PY
fi | xargs -0 --no-run-if-empty -n 1 -P "$(nproc)" clang-tidy --quiet -p "$database"
