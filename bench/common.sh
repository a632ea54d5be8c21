# Sourced by the scripts beside it. Reads the arguments that they share,
#   --build DIR   a build tree (default build/release, which is built first)
#   --smoke       tiny sizes: shows that the script works, its figures mean nothing
# and leaves $memoir, $bench (the programs), $smoke (yes or empty) and $scratch.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=
smoke=
while [ $# -gt 0 ]; do
  case "$1" in
    --build) build=$(cd "$2" && pwd); shift 2 ;;
    --smoke) smoke=yes; shift ;;
    *) echo "usage: ${0##*/} [--build DIR] [--smoke]" >&2; exit 2 ;;
  esac
done
if [ -z "$build" ]; then
  build=$root/build/release
  (cd "$root" && cmake --preset release && cmake --build --preset release -j "$(nproc)") >&2
fi
memoir=$build/bin/memoir
bench=$build/bench
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# recorded TRACE PROGRAM ARGS...: runs a program under Memoir in profile mode, keeping Memoir's
# words for the case that it fails.
recorded() {
  local trace=$1 status=0
  shift
  rm -f "$trace"
  "$memoir" run --mode profile -o "$trace" -- "$@" 2>"$scratch/stderr" || status=$?
  if [ "$status" -ne 0 ] || [ ! -s "$trace" ]; then
    cat "$scratch/stderr" >&2
    echo "${0##*/}: memoir run failed with $status: $*" >&2
    return 1
  fi
}

# heaptracked FILE PROGRAM ARGS...: the same under heaptrack, which adds lines of its own
# around the program's; the program's are those that match $line_of_program. Newer
# versions must be told not to open their viewer.
heaptracked() {
  local file=$1 record_only=()
  shift
  rm -f "$file".*
  if heaptrack --help | grep -q -e --record-only; then record_only=(--record-only); fi
  if ! heaptrack "${record_only[@]}" -o "$file" "$@" >"$scratch/heaptrack.out" 2>&1; then
    cat "$scratch/heaptrack.out" >&2
    echo "${0##*/}: heaptrack failed: $*" >&2
    return 1
  fi
  grep -E "$line_of_program" "$scratch/heaptrack.out"
}

have_heaptrack() { command -v heaptrack >/dev/null; }

# The middle one of the numbers on stdin, one a line.
median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
