#!/usr/bin/env bash
# How many addresses a second get their names? Those of a recording of memoir's own report.
#   bench/symbolize_speed.sh [--build DIR] [--smoke]
set -euo pipefail
. "$(dirname "$0")/common.sh"

rounds=5
[ -z "$smoke" ] || rounds=1
recorded "$scratch/small.memoir" "$bench/many_events" 2000 >/dev/null
recorded "$scratch/report.memoir" "$memoir" report "$scratch/small.memoir" >/dev/null
"$bench/symbolize_speed" "$scratch/report.memoir" "$rounds"
