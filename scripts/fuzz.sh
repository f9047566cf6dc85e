#!/usr/bin/env bash
# Fuzzes one target with Jazzer, from the kept inputs and what earlier runs found.
set -euo pipefail

usage() {
  cat <<EOF
usage: scripts/fuzz.sh CLASSPATH TARGET SECONDS [INPUTS]

Fuzzes the class TARGET with Jazzer for SECONDS, or until it was given INPUTS inputs. Starts
from the inputs that are kept in src/test/resources/fuzz and what earlier runs found.
mvn -Pfuzz calls it; docs/development.md has the commands.

Exit codes: 0 nothing was found; 2 a mistake in the arguments, or no JDK; others are Jazzer's.
EOF
}

case "${1:-}" in
  -h | --help)
    usage
    exit
    ;;
esac
home=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)

fail() {
  echo "fuzz: $*" >&2
  exit 2
}

[ $# -eq 3 ] || [ $# -eq 4 ] || fail "give CLASSPATH, TARGET and SECONDS, and perhaps INPUTS; see --help"
[[ "$3" =~ ^[1-9][0-9]*$ ]] || fail "SECONDS: '$3' is not a whole number of at least 1"
inputs=${4:--1}
[[ "$inputs" =~ ^(-1|[1-9][0-9]*)$ ]] || fail "INPUTS: '$inputs' is not a whole number of at least 1"
classes=$1 target=$2 seconds=$3

# shellcheck source=scripts/jdk.sh
. "$home/scripts/jdk.sh"
require_jdk

name=${target##*.}
corpus=target/fuzz/$name
mkdir -p "$corpus/found"
# A caller's target connects to a worker of its own process; Jetty's parser reads the heads.
"$jdk/bin/java" -Xmx1g --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -cp "$classes" com.code_intelligence.jazzer.Jazzer \
  --target_class="$target" \
  --instrumentation_includes='dev.millrace.**:org.eclipse.jetty.http.*:org.eclipse.jetty.server.internal.*' \
  --disabled_hooks=com.code_intelligence.jazzer.sanitizers.ServerSideRequestForgery \
  --reproducer_path="$corpus" -artifact_prefix="$corpus/" \
  -max_total_time="$seconds" -runs="$inputs" -timeout=20 -rss_limit_mb=3000 -print_final_stats=1 \
  "$corpus/found" "src/test/resources/fuzz/$name"
