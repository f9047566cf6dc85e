#!/usr/bin/env bash
# The launcher in a checkout that is not built and cannot be, in one that is built and cannot be again, without
# HOME and without Maven: one line each, or the command.
set -euo pipefail

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
  echo "launcher-test: $*" >&2
  exit 1
}

# A checkout with a JDK that says how it was started.
checkout=$folder/checkout
mkdir -p "$checkout/scripts" "$checkout/src/main" "$checkout/native" "$folder/jdk/bin" "$folder/bin"
cp "$scripts/millrace" "$scripts/jdk.sh" "$checkout/scripts/"
cp "$scripts/../pom.xml" "$checkout/"
touch "$checkout/src/main/Source.java"
echo 'JAVA_VERSION="25"' >"$folder/jdk/release"
# shellcheck disable=SC2016 # for the script that is written
printf '#!/usr/bin/env bash\necho "started $*"\n' >"$folder/jdk/bin/java"
printf '#!/usr/bin/env bash\necho "a build" >&2\nexit 1\n' >"$folder/bin/mvn"
chmod +x "$folder/jdk/bin/java" "$folder/bin/mvn"

# check CODE PATTERN: what the launcher says to --help, in one line.
path=$folder/bin:/usr/bin:/bin
check() {
  local code=0 said
  said=$(env -i JAVA_HOME="$folder/jdk" PATH="$path" \
    bash "$checkout/scripts/millrace" --help 2>&1) || code=$?
  [ "$code" = "$1" ] || fail "exit code $code instead of $1: $said"
  # shellcheck disable=SC2053 # a pattern
  [[ $said == $2 ]] || fail "'$said' instead of '$2'"
}

# Nobody can make a folder of a file, not even root.
touch "$checkout/target"
check 2 "millrace: there is no build in $checkout/target, and it cannot be written to; copy the checkout *"
[[ $(env -i JAVA_HOME="$folder/jdk" PATH=/usr/bin:/bin bash "$checkout/scripts/millrace" 2>&1 | wc -l) == 1 ]] ||
  fail "more than one line"
rm "$checkout/target"

# A file system that is read-only, where this machine lets us mount one.
if unshare -rm true 2>/dev/null; then
  mkdir -p "$checkout/target/lib" "$checkout/target/lib-lab"
  touch -d yesterday "$checkout"/target/{millrace,millrace-lab}.jar
  said=$(unshare -rm bash -c "mount --bind '$checkout' '$checkout' && mount -o remount,bind,ro '$checkout' &&
    env -i JAVA_HOME='$folder/jdk' PATH='$folder/bin:/usr/bin:/bin' bash '$checkout/scripts/millrace' worker" 2>&1) ||
    fail "a build that is older than its sources does not start: $said"
  [[ $said == *"the sources are newer than the build"*"started "*" worker" ]] || fail "read-only: $said"
  rm -r "$checkout/target"
fi

check 2 "millrace: building once*a build*the build failed; the lines above say why"

# A host without Maven, whatever this one has.
mkdir "$folder/tools"
for tool in bash cat dirname env find mkdir readlink rm sed tr touch; do
  ln -s "$(command -v "$tool")" "$folder/tools/"
done
path=$folder/tools
check 2 "millrace: Maven is needed to build; install it*"
echo "launcher-test: ok"
