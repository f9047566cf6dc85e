#!/usr/bin/env bash
# Fuzzes one target with Jazzer, from the kept inputs and what earlier runs found: fuzz.sh CLASSPATH TARGET SECONDS
# Called by mvn -Pfuzz; docs/development.md has the commands.
set -euo pipefail

classes=$1 target=$2 seconds=$3
home=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)

fail() {
  echo "fuzz.sh: $*" >&2
  exit 2
}

# shellcheck source=scripts/jdk.sh
. "$home/scripts/jdk.sh"
require_jdk

name=${target##*.}
corpus=target/fuzz/$name
mkdir -p "$corpus/found"
"$jdk/bin/java" -Xmx1g -cp "$classes" com.code_intelligence.jazzer.Jazzer \
  --target_class="$target" --instrumentation_includes='dev.millrace.**' \
  --reproducer_path="$corpus" -artifact_prefix="$corpus/" \
  -max_total_time="$seconds" -timeout=5 -rss_limit_mb=3000 -print_final_stats=1 \
  "$corpus/found" "src/test/resources/fuzz/$name"
