#!/usr/bin/env bash
# A JVM of the GPU bundle has the flags that the launcher of a checkout gives.
set -euo pipefail

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder"/{bin,lib,runtime/bin}
cp "$scripts"/bundle/{jvm,millrace} "$folder/bin/"
cp "$scripts/jdk.sh" "$folder/lib/"
echo "-Dof=the-pom" >"$folder/lib/jvm.flags"
# shellcheck disable=SC2016 # for the script that is written
printf '#!/usr/bin/env bash\necho "$MALLOC_ARENA_MAX $*; $JAVA_OPTS; $CUDA_CACHE_PATH"\n' >"$folder/runtime/bin/java"
chmod +x "$folder/runtime/bin/java"
touch "$folder"/lib/{millrace,a}.jar

# check PATTERN [ARGUMENT...]: what the JVM was started with.
check() {
  local pattern=$1 started
  shift
  started=$("$folder/bin/millrace" "$@")
  # shellcheck disable=SC2053 # a pattern
  [[ $started == $pattern ]] || {
    echo "'$started' instead of '$pattern' of: $*"
    exit 1
  }
}

unset MALLOC_ARENA_MAX MILLRACE_PROFILE MILLRACE_CACHE CUDA_CACHE_PATH
export JAVA_OPTS=
check '2 -Dof=the-pom -XX:+UseCompactObjectHeaders *-Xmx384m -XX:+UseParallelGC -XX:NewRatio=1 *Laboratory worker*' worker
check '*-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m *-Xmx384m *' worker --profile latency
check "*; $folder/cache/cuda" worker
CUDA_CACHE_PATH=/theirs check '*; /theirs' worker
check "* -cp $folder/lib/a.jar:$folder/lib/millrace.jar dev.millrace.*" worker
check '*-Xmx32m *; -Xmx384m -XX:+UseParallelGC *' supervise --config w.yaml
JAVA_OPTS='-Xmx1g -XX:+UseZGC'
check '*-Xmx384m -Xmx1g -XX:+UseZGC *' worker
check '*-XX:+UseCompactObjectHeaders *.log *-Xmx1g -XX:+UseZGC *engine build safety*' engine build safety
JAVA_OPTS=
if [[ $("$folder/bin/millrace" engine build safety) == *-Xmx* ]]; then
  echo "a command that is no worker has a worker's heap"
  exit 1
fi

# A user without HOME, beside a folder that nobody may write to.
rm -rf "$folder/cache"
touch "$folder/cache"
(
  unset HOME XDG_CACHE_HOME
  export TMPDIR=$folder
  check "*; $folder/millrace-cache-$(id -u)/cuda" worker
)
rm "$folder/cache"

echo cache >"$folder/lib/millrace.aot"
(cd "$folder/lib" && stat -c '%s %n' ./*.jar | sed 's| \./| |' | LC_ALL=C sort) >"$folder/lib/millrace.aot.jars"
check "*-XX:AOTCache=$folder/lib/millrace.aot *" worker
echo passed
