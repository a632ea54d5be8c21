#!/usr/bin/env bash
# Formats every C and C++ file. With --check it changes nothing and fails where a file
# would change.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v clang-format >/dev/null; then
  echo "format.sh: clang-format is missing; tools/setup.sh installs it" >&2
  exit 1
fi

mode=(-i)
case "${1:-}" in
  '') ;;
  --check) mode=(--dry-run --Werror) ;;
  *) echo "usage: tools/format.sh [--check]" >&2; exit 2 ;;
esac

# .inc files are lists of macro calls, and their layout is their author's.
# find, not git: a source archive is checked too.
find runtime preload tests examples bench -type f \
  \( -name '*.h' -o -name '*.c' -o -name '*.cpp' \) -print0 |
  xargs -0 --no-run-if-empty clang-format --style=file "${mode[@]}"
