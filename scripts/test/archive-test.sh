#!/usr/bin/env bash
# The archive's launcher, in a folder whose name has spaces: a JVM has the flags that the launcher of a checkout gives, and
# a machine without a JDK 25 is told so in one line.
set -euo pipefail

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
unpacked="$folder/a path with a space/millrace"
mkdir -p "$unpacked"/{bin,lib} "$folder/jdk/bin" "$folder/old/bin" "$folder/tools" "$folder/none"
cp "$scripts/archive/millrace" "$unpacked/bin/"
cp "$scripts/jdk.sh" "$unpacked/lib/"
# As the pom has them, on two lines.
printf -- '-Dof=the-pom\n      -Dand=another\n' >"$unpacked/lib/jvm.flags"
touch "$unpacked"/lib/{millrace,a}.jar
echo 'JAVA_VERSION="25.0.1"' >"$folder/jdk/release"
echo 'JAVA_VERSION="17.0.21"' >"$folder/old/release"
# shellcheck disable=SC2016 # for the script that is written
printf '#!/usr/bin/env bash\nprintf "[%%s]" "$MALLOC_ARENA_MAX" "$@" "cache $MILLRACE_CACHE"\n' | tee "$folder/jdk/bin/java" >"$folder/old/bin/java"
chmod +x "$folder"/*/bin/java
for tool in bash cat dirname env id mkdir mktemp readlink sed tr; do
  ln -s "$(command -v "$tool")" "$folder/tools/"
done

fail() {
  echo "archive-test: $*" >&2
  exit 1
}

# check PATTERN [ARGUMENT...]: what the JVM was started with.
check() {
  local pattern=$1 started
  shift
  started=$(env -i PATH="$folder/tools" JAVA_HOME="$folder/jdk" TMPDIR="$folder/temporary" ${options:+JAVA_OPTS="$options"} \
    "${variables[@]}" "$launcher" "$@" 2>&1)
  # shellcheck disable=SC2053 # a pattern
  [[ $started == $pattern ]] || fail "'$started' instead of '$pattern' of: $*"
}

options='' variables=()
launcher=$unpacked/bin/millrace
check "\[2\]\[-Dof=the-pom\]\[-Dand=another\]\[-XX:+UseCompactObjectHeaders\]*\[-Xmx384m\]\[-XX:+UseParallelGC\]*" worker
check "*\[-Dmillrace.home=$unpacked\]\[-cp\]\[$unpacked/lib/a.jar:$unpacked/lib/millrace.jar\]\[dev.millrace.cli.Millrace\]\[run\]\[two words\]\[cache *" run "two words"
check '*\[-XX:TieredStopAtLevel=1\]*' worker --profile latency
options='-Xmx1g -XX:ErrorFile=/elsewhere'
check '*\[-Xmx384m\]*\[-Xmx1g\]\[-XX:ErrorFile=/elsewhere\]*' worker

# Caches are the user's, or in the temporary folder for one who has no folder that can be written to.
options=
variables=(HOME="$folder/some home")
check "*\[cache $folder/some home/.cache/millrace\]" worker
variables=(HOME="$folder/link to nothing/home" XDG_CACHE_HOME="$folder/jdk/release/not a folder")
check "*\[cache $folder/temporary/millrace-cache-$(id -u)\]" worker
variables=(MILLRACE_CACHE=/named)
check "*\[cache /named\]" worker
variables=()

# By a link, as in /usr/local/bin.
options=
ln -s "$unpacked/bin/millrace" "$folder/link"
launcher=$folder/link
check "*\[-Dmillrace.home=$unpacked\]*" doctor

# Nothing was written into the folder, not even where it could have been.
[ "$(cd "$unpacked" && find . -type f | LC_ALL=C sort | tr '\n' ' ')" = "./bin/millrace ./lib/a.jar ./lib/jdk.sh ./lib/jvm.flags ./lib/millrace.jar " ] ||
  fail "the launcher writes into its folder: $(find "$unpacked")"

# Without a JDK, and with an old one alone. Where there is one at a usual place, it is hidden, if this machine lets us.
if unshare -rm true 2>/dev/null; then
  for java_home in "$folder/none" "$folder/old"; do
    code=0
    # shellcheck disable=SC2016 # for the other shell
    said=$(unshare -rm bash -c 'for place in /usr/lib/jvm /opt; do [ ! -d "$place" ] || mount --bind "$1" "$place"; done
      shift; exec env -i "$@"' - "$folder/none" PATH="$folder/tools" JAVA_HOME="$java_home" "$unpacked/bin/millrace" doctor 2>&1) || code=$?
    [ "$code $said" = "2 millrace: no JDK 25 or newer was found; install one (any vendor) or point JAVA_HOME at it" ] ||
      fail "exit code $code of $java_home: $said"
  done
fi
echo "archive-test: ok"
