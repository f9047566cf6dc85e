#!/usr/bin/env bash
# Proves Millrace on a GPU host in ten minutes at most: ten steps of commands, and a report to commit.
set -euo pipefail

home=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
# The files by which one sees that there is an NVIDIA GPU at all; the test of this script sets this.
gpu_files=${GPU_CHECK_FILES:-/dev/nvidia[0-9]* /dev/dxg /proc/driver/nvidia/version}

usage() {
  cat <<TEXT
usage: scripts/gpu-check.sh [--out DIR] [--steps LIST]

Runs on a host with an NVIDIA GPU, in a folder of gpu-bundle.sh or in a checkout. Writes gpu-check.md,
gpu-check.json and gpu-check.log into DIR (default gpu-check). docs/gpu-host.md has the ten steps.

Exit codes: 0 all is well, 1 something failed (the report says what), 2 a mistake in the options,
3 there is no GPU.
TEXT
}

gpu_here() {
  local file
  # The patterns expand here.
  for file in $gpu_files; do
    [ ! -e "$file" ] || return 0
  done
  return 1
}

case "${1:-}" in
  -h | --help)
    usage
    exit
    ;;
esac
if ! gpu_here; then
  echo "gpu-check: there is no NVIDIA GPU here (no device file and no driver), so nothing was checked; run this on a GPU host" >&2
  exit 3
fi
millrace=$home/bin/millrace
[ -x "$millrace" ] || millrace=$home/scripts/millrace
exec "$millrace" gpu-check "$@"
