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
lib=$folder/lib
mkdir "$lib"
echo one >"$lib/a.jar"
echo two >"$lib/B.jar"
touch -d '10 seconds ago' "$folder/jar"

flags() {
  cache_flags "$folder/cache" "$folder/jar" "$lib"
}

check '' "$(flags)"
: >"$folder/cache"
check '' "$(flags)"
echo cache >"$folder/cache"
# Nobody knows what it was made with.
check '' "$(flags)"
printf '0 jar\n4 B.jar\n4 a.jar\n' >"$folder/cache.jars"
check "-XX:AOTCache=$folder/cache *-XX:-AOTAdapterCaching*" "$(flags)"
# A JVM takes its classes from the cache of another build, or of other libraries, as well.
touch -d '10 seconds' "$folder/jar"
check '' "$(flags)"
touch -d '10 seconds ago' "$folder/jar"
echo more >>"$lib/a.jar"
check '' "$(flags)"
echo one >"$lib/a.jar"
check "-XX:AOTCache=*" "$(flags)"
echo three >"$lib/c.jar"
check '' "$(flags)"
rm "$lib/c.jar"
check "-XX:AOTCache=*" "$(flags)"
# The launcher splits flags at spaces.
cp "$folder/cache" "$folder/a cache"
cp "$folder/cache.jars" "$folder/a cache.jars"
check '' "$(cache_flags "$folder/a cache" "$folder/jar" "$lib")"
JAVA_OPTS='-Xmx1g -XX:AOTMode=off'
check '-XX:+Unlock*' "$(flags)"

touch "$folder/b.jar" "$folder/a.jar" "$folder/B.jar" "$folder/other"
check "$folder/B.jar:$folder/a.jar:$folder/b.jar" "$(jars_of "$folder")"
echo passed
