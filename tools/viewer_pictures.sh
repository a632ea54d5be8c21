#!/usr/bin/env bash
# Makes the pictures of docs/viewer.md anew: records clang++ and examples/mistakes.c with what
# is built in build/release, and drives the viewer, which needs no display for it.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$PWD/build/release/bin
source=$PWD/examples/mistakes.c
out=$PWD/docs/pictures
folder=$(mktemp -d /tmp/demo-XXX)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$out"
cd "$folder"
# Built here, so that no picture shows where Memoir was built.
cp "$source" . && cc -g -O1 mistakes.c -o mistakes

cat >regex.cpp <<'CPP'
#include <iostream>
#include <map>
#include <regex>
#include <string>
#include <vector>

int main() {
  std::map<std::string, std::vector<int>> lengths;
  const std::regex word("[a-z]+");
  for (std::string line; std::getline(std::cin, line);) {
    for (std::sregex_iterator at(line.begin(), line.end(), word), end; at != end; ++at) {
      lengths[at->str()].push_back(static_cast<int>(at->length()));
    }
  }
  std::cout << lengths.size() << '\n';
}
CPP
"$bin/memoir" run -q -o clang.memoir -- clang++ -std=c++20 -c regex.cpp -o regex.o
"$bin/memoir" run -q -o mistakes.memoir -- ./mistakes >/dev/null 2>&1

cat >clang.script <<SCRIPT
size 1440 900
panel summary
click summary.leaked.0
wait
screenshot $out/summary.png
panel allocations
click allocations.row.0
wait
screenshot $out/allocations.png
panel flame
command details
wait
screenshot $out/flame.png
command details
panel map
screenshot $out/map.png
SCRIPT
cat >mistakes.script <<SCRIPT
size 1440 900
panel faults
click faults.row.0
wait
screenshot $out/faults.png
SCRIPT
"$bin/memoir-viewer" --script clang.script clang.memoir
"$bin/memoir-viewer" --script mistakes.script mistakes.memoir
ls -l "$out"
