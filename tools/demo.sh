#!/usr/bin/env bash
# Shows Memoir at work: records jq on generated data and one of the examples, and prints
# what their traces say. Installs and builds first; leaves the traces in build/demo.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/setup.sh
cmake --preset release >/dev/null
cmake --build --preset release -j "$(nproc)" >&2 --target memoir memoir_preload \
  memoir_bounds_preload memoir_viewer_program example_leak example_mistakes

memoir=$PWD/build/release/bin/memoir
examples=$PWD/build/release/examples
out=$PWD/build/demo
rm -rf "$out"
mkdir -p "$out"

python3 - >"$out/people.json" <<'PY'
import json, random
random.seed(1)
people = [{"id": i, "name": f"person {i}", "age": random.randrange(100),
           "friends": [random.randrange(20000) for _ in range(8)]} for i in range(20000)]
print(json.dumps(people))
PY

show() {  # show TRACE PROGRAM ARGS...: records one program, then reports on its trace
  local trace=$1
  shift
  local program=$1
  local -a arguments=("${@:2}")
  printf '\n$ memoir run -o %s -- %s %s\n' "$trace" "${program##*/}" "${arguments[*]@Q}"
  "$memoir" run -o "$trace" -- "$@" | tail -n 5
  printf '\n$ memoir report %s\n' "$trace"
  "$memoir" report "$trace"
}

cd "$out"
show jq.memoir jq 'map(select(.age > 30)) | group_by(.age) | map({age: .[0].age, n: length}) | length' people.json
show leak.memoir "$examples/leak"

printf '\n$ memoir run -o mistakes.memoir -- mistakes\n'
"$memoir" run -o mistakes.memoir -- "$examples/mistakes"
