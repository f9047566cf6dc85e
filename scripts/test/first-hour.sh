#!/usr/bin/env bash
# Walks README and docs as a newcomer does: runs each command that needs no cloud, no GPU and no container
# daemon as it is written, and holds what it prints against what the page shows. A command that
# src/test/resources/docs/commands.txt does not list fails. It needs a JDK 25, Maven, and the ports of
# `scripts/millrace queue` and examples/local.yaml (9324, 9325, 9400), and 8000.
#
# usage: scripts/test/first-hour.sh [PAGE]     only the pages whose name has PAGE in it, such as README
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

case "${1:-}" in
  -h | --help)
    sed -n '2,/^set /{s/^# \{0,1\}//;/^set /!p}' "$0"
    exit 0
    ;;
esac

# Builds what is not built yet, with the cache that a newcomer has.
scripts/millrace --version
fail() {
  echo "first-hour: $*" >&2
  exit 2
}
# shellcheck source=scripts/jdk.sh
. scripts/jdk.sh
require_jdk
export JAVA_HOME=$jdk MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow"
exec mvn -q -B -ntp -Dspotless.check.skip=true -DtrimStackTrace=true test -Dtest=FirstHour -Dsurefire.failIfNoSpecifiedTests=false \
  -Dmillrace.page="${1:-}"
