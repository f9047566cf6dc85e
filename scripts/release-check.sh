#!/usr/bin/env bash
# Builds a release twice and compares what comes out, byte by byte; --help says how.
set -euo pipefail

repo=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)

usage() {
  cat <<'END'
usage: scripts/release-check.sh [OPTION...]
       scripts/release-check.sh --compare FOLDER FOLDER
Builds the last commit with "mvn -Prelease -DskipTests verify" in two clones, in folders of other names, and
compares jars, archive, native library, bill of materials and checksums byte by byte. The second build has
another time zone, encoding, language, user name, home and umask. Then a difference is planted in a copy of
each kind of file, and must be found.

  --work FOLDER     Clone and build there, and keep it (default: a temporary folder, which is deleted).
  --maven FOLDER    Maven's repository, which both builds use (default: ~/.m2/repository).
  --compare         Build nothing: compare two folders "target" that are there.
  -h, --help        Print this and end.

Exit codes: 0 all is equal, 1 something differs, 2 something is missing or a mistake in the options.
END
}

fail() {
  echo "release-check: $*" >&2
  exit 2
}

work='' artifacts=${HOME:-}/.m2/repository compared=()
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help)
      usage
      exit
      ;;
    --work | --maven)
      [ $# -gt 1 ] || fail "$1: needs a value; --help lists the options"
      case $1 in
        --work) work=$2 ;;
        --maven) artifacts=$2 ;;
      esac
      shift 2
      ;;
    --compare)
      [ $# = 3 ] || fail "--compare: needs two folders; --help says more"
      compared=("$2" "$3")
      shift 3
      ;;
    *) fail "'$1' is no option; --help lists them" ;;
  esac
done

# shellcheck source=scripts/jdk.sh
. "$repo/scripts/jdk.sh"
# shellcheck source=scripts/lib/checks.sh
. "$repo/scripts/lib/checks.sh"
require_jdk
for folder in "${compared[@]}"; do
  [ -f "$folder/SHA256SUMS" ] || fail "'$folder' holds no SHA256SUMS; mvn -Prelease -DskipTests verify makes it"
done
for program in git mvn cmake cmp tar; do
  command -v "$program" >/dev/null || fail "$program was not found; install it and start again"
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# What a release is made of, as it is in a folder "target".
products() {
  (cd "$1" && find . -maxdepth 1 -type f \( -name '*.jar' -o -name '*.tar.gz' -o -name 'millrace-sbom.json' -o -name SHA256SUMS \) &&
    find lib lib-lab classes/dev/millrace/native native/libmillrace_native.so licenses -type f) | sed 's|^\./||' | LC_ALL=C sort
}

# first_difference FILE FILE: in one line, and of an archive the first entry that differs.
first_difference() {
  local list line
  case $1 in
    *.tar.gz) list=(tar -tvzf) ;;
    *.jar) list=(entries) ;;
    *)
      cmp "$1" "$2" 2>&1 | sed "s|^.*differ: |differ at |" || true
      return
      ;;
  esac
  # In one time zone, or else none would have the other's dates.
  line=$(diff <(TZ=UTC "${list[@]}" "$1" 2>&1) <(TZ=UTC "${list[@]}" "$2" 2>&1) | awk '/^</ && !a { a = $0 } /^>/ && !b { b = $0 } END { print a, b }' || true)
  if [ "$line" = " " ]; then
    rm -rf "$scratch/one" "$scratch/other"
    unpack "$1" "$scratch/one"
    unpack "$2" "$scratch/other"
    line=$(diff -rq "$scratch/one" "$scratch/other" | head -n 1 | sed "s|$scratch/one/||; s| and $scratch/other/.*||" || true)
  fi
  echo "${line:-the same files, packed in another way}"
}

# With the modes, where there is zipinfo.
entries() {
  if command -v zipinfo >/dev/null; then
    zipinfo "$1" | tail -n +3
  else
    "$jdk/bin/jar" -tvf "$1"
  fi
}

unpack() {
  mkdir "$2"
  case $1 in
    *.tar.gz) tar -C "$2" -xzf "$1" ;;
    *) (cd "$2" && "$jdk/bin/jar" -xf "$1") ;;
  esac
}

# compare TARGET TARGET: a line for each file that differs, and nothing where none does.
compare() {
  local file
  products "$1" >"$scratch/products"
  products "$2" >"$scratch/others"
  diff "$scratch/products" "$scratch/others" | sed -n 's/^< \(.*\)/\1: only in the first/p; s/^> \(.*\)/\1: only in the second/p'
  while read -r file; do
    cmp -s "$1/$file" "$2/$file" || echo "$file: $(first_difference "$1/$file" "$2/$file")"
  done < <(comm -12 "$scratch/products" "$scratch/others")
}

# kind NAME PATTERN: a check for the files of one kind.
kind() {
  local files differences
  files=$(grep -cE "$2" "$scratch/products" || true)
  differences=$(grep -E "$2" "$scratch/differences" || true)
  if [ "$files" = 0 ]; then
    bad "$1: there is none"
  elif [ -z "$differences" ]; then
    ok "$1: equal ($files)"
  else
    bad "$1: $differences"
  fi
}

# build FOLDER [VARIABLE=VALUE...]
build() {
  local folder=$1
  shift
  (cd "$folder" && env JAVA_HOME="$jdk" "$@" \
    mvn -q -B -ntp -Dmaven.repo.local="$artifacts" -Dspotless.check.skip=true -Prelease -DskipTests verify) >"$folder.log" 2>&1 || {
    tail -n 20 "$folder.log" >&2
    fail "the build in $folder failed; the lines above say why"
  }
}

# planted NAME FILE COMMAND [ARGUMENT...]: COMMAND changes a copy of FILE, whose name it gets last, and the comparison must say so.
planted() {
  local name=$1 file=$2 said
  shift 2
  cp "$second/$file" "$scratch/kept"
  "$@" "$second/$file"
  said=$(compare "$first" "$second")
  cp "$scratch/kept" "$second/$file"
  if [[ $said == "$file: "* ]] && [ "$(echo "$said" | wc -l)" = 1 ]; then
    ok "planted, and found: $name: $(echo "$said" | cut -c 1-220)"
  else
    bad "planted, and not found: $name: '$said'"
  fi
}
flip() { printf '\377' | dd of="$1" bs=1 seek=5000 conv=notrunc status=none; }
date_it() { sed -i 's/"metadata" : {/"metadata" : { "timestamp" : "2001-02-03T04:05:06Z",/' "$1"; }
add_to_jar() {
  echo planted >"$scratch/planted.txt"
  "$jdk/bin/jar" -uf "$1" -C "$scratch" planted.txt
}
own() {
  rm -rf "$scratch/packed"
  unpack "$1" "$scratch/packed"
  tar -C "$scratch/packed" --owner=1000 --group=1000 -czf "$1" .
}

if [ ${#compared[@]} = 0 ]; then
  [ -n "$work" ] || work=$scratch/work
  mkdir -p "$work"
  work=$(cd "$work" && pwd)
  for folder in one two home; do
    [ ! -e "$work/$folder" ] || fail "--work: '$work/$folder' is there already; name another folder"
    mkdir "$work/$folder"
  done
  settings=()
  [ ! -f "${HOME:-}/.m2/settings.xml" ] || settings=(MAVEN_ARGS="-s $HOME/.m2/settings.xml")
  git clone -q "$repo" "$work/one/millrace"
  (umask 077 && git clone -q "$repo" "$work/two/another-folder")
  echo "release-check: building $(git -C "$repo" rev-parse --short=12 HEAD) twice, which takes some minutes" >&2
  build "$work/one/millrace" TZ=UTC LC_ALL=C.UTF-8
  (umask 077 && build "$work/two/another-folder" TZ=Asia/Kathmandu LC_ALL=C HOME="$work/home" "${settings[@]}" \
    MAVEN_OPTS="-Duser.home=$work/home -Duser.name=somebody -Duser.language=de -Duser.country=DE")
  compared=("$work/one/millrace/target" "$work/two/another-folder/target")
fi
first=${compared[0]}
second=${compared[1]}

compare "$first" "$second" >"$scratch/differences"
kind "jars of Millrace" '^millrace[^/]*\.jar'
kind "jars of others" '^lib(-lab)?/'
kind "archive" '\.tar\.gz'
kind "native library" 'libmillrace_native\.so'
kind "libraries for the loader" '/stubs/'
kind "bill of materials" '^millrace-sbom\.json'
kind "list of licences" '^licenses/'
kind "checksums" '^SHA256SUMS'
if (cd "$first" && sha256sum --quiet -c SHA256SUMS); then
  ok "SHA256SUMS holds: $(wc -l <"$first/SHA256SUMS") files"
else
  bad "SHA256SUMS does not hold in $first"
fi

if [ $failed = 0 ]; then
  mkdir "$scratch/copy"
  tar -C "$second" -cf - -T "$scratch/products" | tar -C "$scratch/copy" -xf -
  second=$scratch/copy
  archive=$(cd "$second" && echo millrace-*.tar.gz)
  planted "a file more in a jar" millrace.jar add_to_jar
  planted "a byte of the native library" native/libmillrace_native.so flip
  planted "a date in the bill of materials" millrace-sbom.json date_it
  planted "another owner in the archive" "$archive" own
  planted "a file that is missing" millrace-lab.jar rm
fi

finish
