#!/usr/bin/env bash
# The launcher uses an ahead-of-time cache where there is one, and not while one is trained.
set -euo pipefail

# shellcheck source=scripts/jdk.sh
. "$(dirname "${BASH_SOURCE[0]}")/../jdk.sh"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

check() {
  # shellcheck disable=SC2053 # a pattern
  [[ $2 == $1 ]] || {
    echo "'$2' instead of '$1'"
    exit 1
  }
}

unset JAVA_OPTS
touch -d '10 seconds ago' "$folder/jar"
check '' "$(cache_flags "$folder/cache" "$folder/jar")"
: >"$folder/cache"
check '' "$(cache_flags "$folder/cache" "$folder/jar")"
echo cache >"$folder/cache"
check "-XX:AOTCache=$folder/cache *-XX:-AOTAdapterCaching*" "$(cache_flags "$folder/cache" "$folder/jar")"
# A JVM takes its classes from the cache of another build as well.
touch -d '10 seconds' "$folder/jar"
check '' "$(cache_flags "$folder/cache" "$folder/jar")"
JAVA_OPTS='-Xmx1g -XX:AOTMode=off'
check '-XX:+Unlock*' "$(cache_flags "$folder/cache" "$folder/jar")"

touch "$folder/b.jar" "$folder/a.jar" "$folder/B.jar" "$folder/other"
check "$folder/B.jar:$folder/a.jar:$folder/b.jar" "$(jars_of "$folder")"
echo passed
