#!/usr/bin/env bash
# The launcher finds the profile in the arguments and the environment.
set -euo pipefail

# shellcheck source=scripts/jdk.sh
. "$(dirname "${BASH_SOURCE[0]}")/../jdk.sh"

check() {
  local expected=$1
  shift
  [ "$(profile_of "$@")" = "$expected" ] || {
    echo "'$(profile_of "$@")' instead of '$expected' of: $*"
    exit 1
  }
}

unset MILLRACE_PROFILE
check ''
check '' worker --config latency
check latency worker --profile latency --config w.yaml
check latency demo --profile=LATENCY
check throughput worker --profile throughput
MILLRACE_PROFILE=latency
check latency worker
check throughput worker --profile=throughput
echo passed
