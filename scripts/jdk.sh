# Finds a JDK that runs Millrace; for the scripts beside it to source, which have a function "fail".
# shellcheck shell=bash

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  echo "jdk.sh is part of scripts/millrace, which finds a JDK with it; run scripts/millrace --help"
  case "${1:-}" in
    -h | --help) exit ;;
    *) exit 2 ;;
  esac
fi

least_jdk=25

# The major version of the JDK in a folder; nothing where there is none.
version_of() {
  if [ -x "$1/bin/java" ] && [ -f "$1/release" ]; then
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
  fi
}

find_jdk() {
  local candidate version on_path
  on_path=$(command -v java || true)
  [ -n "$on_path" ] && on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")")
  for candidate in "${JAVA_HOME:-}" "$on_path" /usr/lib/jvm/* /opt/java/* /opt/jdk* \
    "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    version=$(version_of "$candidate")
    if [ -n "$version" ] && [ "$version" -ge "$least_jdk" ]; then
      echo "$candidate"
      return
    fi
  done
}

# The JDK in $jdk, or an end with one line.
require_jdk() {
  jdk=$(find_jdk)
  [ -n "$jdk" ] ||
    fail "no JDK $least_jdk or newer was found; install one (any vendor) or point JAVA_HOME at it"
}

# Names a folder for caches that this user may write to, where MILLRACE_CACHE names none: FOLDER if there is one, that of the user,
# or one in the temporary folder, as on a read-only system. choose_cache [FOLDER]
choose_cache() {
  local usual=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}} cache
  for cache in ${MILLRACE_CACHE:+"$MILLRACE_CACHE"} ${1:+"$1"} ${usual:+"$usual/millrace"}; do
    if [ "$cache" = "${MILLRACE_CACHE:-}" ] || { mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ]; }; then
      export MILLRACE_CACHE=$cache
      return
    fi
  done
  # The same at each start, so that one that fails again and again fills no disk.
  cache=${TMPDIR:-/tmp}/millrace-cache-$(id -u)
  { mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ] && [ -O "$cache" ]; } || cache=$(mktemp -d)
  export MILLRACE_CACHE=$cache
}

# The flags that the pom gives every JVM of the project.
flags_of() {
  tr '\n' ' ' <"$1" | sed -n 's|.*<jvm.flags>\(.*\)</jvm.flags>.*|\1|p' | tr -s ' '
}

# The profile that the arguments name, or else the environment; a configuration is not looked at.
profile_of() {
  local profile=${MILLRACE_PROFILE:-} previous='' argument
  for argument in "$@"; do
    [ "$previous" != --profile ] || profile=$argument
    case $argument in
      --profile=*) profile=${argument#--profile=} ;;
    esac
    previous=$argument
  done
  echo "$profile" | tr "[:upper:]" "[:lower:]"
}

# What the JVM of a command has beside the flags of the pom, those that JAVA_OPTS has included: in $flags
# what it cannot do without, in $size its heap. choose_flags [ARGUMENT...]
choose_flags() {
  # Most objects are small, and half of a small one is its header.
  flags=-XX:+UseCompactObjectHeaders

  # Most of the work is native code, and the second compiler took a quarter of a fresh worker's CPU for
  # minutes. Here a method must be several times as hot as usual before it is worth that.
  local compilers="-XX:Tier4InvocationThreshold=30000 -XX:Tier4MinInvocationThreshold=3000"
  compilers="$compilers -XX:Tier4CompileThreshold=60000 -XX:Tier4BackEdgeThreshold=200000"

  # A core that is compiling makes images wait. Without the second compiler the JVM reserves little
  # for code, and collects the whole heap when some of that is used.
  [ "$(profile_of "$@")" != latency ] ||
    compilers="-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m"
  flags="$flags $compilers"

  # glibc keeps freed memory in one pool per few threads; a model that was replaced would stay in it.
  export MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX:-2}

  # The driver compiles what a plan holds as PTX, and keeps it here for the next process. Set before the
  # JVM starts: what a process changes of its own variables races with the libraries that read them.
  export CUDA_CACHE_PATH=${CUDA_CACHE_PATH:-${MILLRACE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/millrace}/cuda}
  [ ! -e /dev/nvidiactl ] || mkdir -p "$CUDA_CACHE_PATH" 2>/dev/null || true

  # Most of a worker's memory is native. A heap that may grow to a quarter of the machine does, and
  # what it may hold of downloads is derived from it (admission.bytes).
  local worker_heap=-Xmx384m

  # Pauses of some milliseconds are no longer than a decode, and this collector costs a sixth of the
  # default one's CPU. Half of the heap is for what dies young, since bodies do; without the third
  # flag the first classes cause a full collection.
  case "${JAVA_OPTS:-}" in
    *-XX:+Use*GC*) ;;
    *) worker_heap="$worker_heap -XX:+UseParallelGC -XX:NewRatio=1 -XX:MetaspaceSize=64m" ;;
  esac
  size=${JAVA_OPTS:-}
  case "${1:-}" in
    worker | run | serve | doctor | demo | bench | tune | train) size="$worker_heap $size" ;;
  esac

  # A supervisor only waits; JAVA_OPTS is for the worker, which it starts.
  if [ "${1:-}" = supervise ]; then
    export JAVA_OPTS="$worker_heap $compilers ${JAVA_OPTS:-}"
    size="-Xmx32m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=16m"
  fi
}

# The jars of a folder as a class path: in one order everywhere, which the ahead-of-time cache asks for.
jars_of() {
  local LC_ALL=C jar path=
  for jar in "$1"/*.jar; do
    path=$path:$jar
  done
  echo "${path#:}"
}

# The flags for an ahead-of-time cache, where there is one: it has classes as they are after loading, and
# profiles for the compilers. No code goes into it or comes out, since a machine that trains may have
# another CPU (JDK-8388703). Of another build, or of other libraries, a JVM would run the cache's classes without a word. So
# a cache is left alone that is older than the jar, or whose list of jars (CACHE.jars) is not that of today. Where JAVA_OPTS
# has such flags, which is while one is trained, they go before. Flags are words, so a cache in a path with a space is not used.
# cache_flags CACHE JAR LIB
cache_flags() {
  local without_code="-XX:+UnlockDiagnosticVMOptions -XX:-AOTAdapterCaching -XX:-AOTStubCaching"
  case "${JAVA_OPTS:-}" in
    *-XX:AOT*) echo "$without_code" ;;
    *)
      [[ $1 == *[[:space:]]* ]] || [ ! -s "$1" ] || [ ! -f "$1.jars" ] || [ "$2" -nt "$1" ] || [ "$(sizes_of "$2" "$3")" != "$(<"$1.jars")" ] ||
        echo "-XX:AOTCache=$1 $without_code"
      ;;
  esac
}

# The jars of a worker with their sizes, as "train" writes them beside its cache. sizes_of JAR LIB
sizes_of() {
  stat -c '%s %n' "$1" "$2"/*.jar | sed 's| .*/| |' | LC_ALL=C sort -u
}
