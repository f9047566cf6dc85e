#!/usr/bin/env bash
# Each script says what it is for, without doing anything, and answers a mistake with one line and code 2.
set -euo pipefail

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
  echo "help-test: $*" >&2
  exit 1
}

# run CODE SCRIPT [ARGUMENT...]: what it says, on both streams, goes to $folder/out and $folder/err.
run() {
  local wanted=$1 code=0
  shift
  mkdir "$folder/empty"
  (cd "$folder/empty" && bash "$@" >"$folder/out" 2>"$folder/err" </dev/null) || code=$?
  rmdir "$folder/empty" 2>/dev/null || fail "files are left by: $*"
  [ "$code" = "$wanted" ] || fail "exit code $code instead of $wanted of: $* ($(cat "$folder/out" "$folder/err"))"
}

# help NAME SCRIPT
help() {
  local option
  for option in --help -h; do
    run 0 "$2" "$option"
    grep -q "^usage: .*$1" "$folder/out" || fail "$2 $option says no usage: $(cat "$folder/out")"
    [ ! -s "$folder/err" ] || fail "$2 $option complains: $(cat "$folder/err")"
    awk 'length > 110 { exit 1 }' "$folder/out" || fail "$2 $option has a line that is too long"
  done
}

# mistake TEXT SCRIPT [ARGUMENT...]
mistake() {
  local text=$1
  shift
  run 2 "$@"
  [ "$(cat "$folder/out" "$folder/err" | wc -l)" = 1 ] || fail "not one line of: $* ($(cat "$folder/out" "$folder/err"))"
  grep -qF -- "$text" "$folder/err" || fail "no '$text' of: $* ($(cat "$folder/err"))"
}

for script in "$scripts"/*.sh; do
  # jdk.sh is sourced, and says so below.
  [ "$script" = "$scripts/jdk.sh" ] || help "$(basename "$script")" "$script"
done
help first-hour.sh "$scripts/test/first-hour.sh"
help join.sh "$scripts/bundle/join.sh"
help jvm "$scripts/bundle/jvm"
run 0 "$scripts/jdk.sh" --help
grep -q "scripts/millrace --help" "$folder/out" || fail "jdk.sh says nothing: $(cat "$folder/out")"

mistake "name a bundle" "$scripts/build-engine.sh"
mistake "'$folder' is not a bundle" "$scripts/build-engine.sh" "$folder"
mistake "give a file to write to" "$scripts/build-revision.sh"
mistake "'--bogus' is no option" "$scripts/container-check.sh" --bogus
mistake "give two folders" "$scripts/build-native.sh" "$folder"
mistake "'--bogus' is no option" "$scripts/archive-check.sh" --bogus
mistake "give one archive at most" "$scripts/archive-check.sh" a b
mistake "'--bogus' is no option" "$scripts/release-check.sh" --bogus
mistake "'--bogus' is no option" "$scripts/unit-check.sh" --bogus
mistake "--compare: needs two folders" "$scripts/release-check.sh" --compare "$folder"
mistake "holds no SHA256SUMS" "$scripts/release-check.sh" --compare "$folder" "$folder"
mistake "give CLASSPATH, TARGET and SECONDS" "$scripts/fuzz.sh" a
mistake "SECONDS: 'soon' is not a whole number" "$scripts/fuzz.sh" a b soon
mistake "there is no option --bogus" "$scripts/gpu-bundle.sh" --bogus
mistake "--level: '20' is not" "$scripts/gpu-bundle.sh" --level 20
mistake "--out needs a value" "$scripts/gpu-bundle.sh" --out
mistake "'nvtx' is not a piece" "$scripts/gpu-bundle.sh" --with nvtx
mistake "'--bogus' is no option" "$scripts/manifests-check.sh" --bogus
mistake "'$folder/none' is no folder" "$scripts/manifests-check.sh" "$folder/none"
mistake "give one folder at most" "$scripts/bundle/join.sh" a b
mistake "give the name of a class" "$scripts/bundle/jvm"
echo "help-test: ok"
