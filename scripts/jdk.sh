# Finds a JDK that runs Millrace; for the scripts beside it to source, which have a function "fail".
# shellcheck shell=bash

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
# another CPU (JDK-8388703). Where JAVA_OPTS has such flags, which is while one is trained, they go before.
cache_flags() {
  local without_code="-XX:+UnlockDiagnosticVMOptions -XX:-AOTAdapterCaching -XX:-AOTStubCaching"
  case "${JAVA_OPTS:-}" in
    *-XX:AOT*) echo "$without_code" ;;
    *) [ ! -s "$1" ] || echo "-XX:AOTCache=$1 $without_code" ;;
  esac
}
