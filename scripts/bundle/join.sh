#!/usr/bin/env bash
# Checks the parts beside this script and unpacks them: join.sh [FOLDER], by default into the one
# that you are in. Needs bash, coreutils and tar.
set -euo pipefail

parts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
into=${1:-.}

fail() {
  echo "join: $*" >&2
  exit 1
}

if [ "$into" = --help ] || [ "$into" = -h ]; then
  sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}"
  exit
fi

missing=
while read -r _ name; do
  [ -f "$parts/${name#\*}" ] || missing+=" ${name#\*}"
done <"$parts/SHA256SUMS"
[ -z "$missing" ] || fail "missing beside join.sh:$missing; copy them here and start again"
bad=$(cd "$parts" && sha256sum --quiet -c SHA256SUMS 2>/dev/null) ||
  fail "damaged: $(sed -n 's/: FAILED.*//p' <<<"$bad" | tr '\n' ' '); copy again what is named"

decompress() {
  if [ -f "$parts/zstd" ]; then
    if command -v zstd >/dev/null; then
      zstd -dc
    else
      chmod u+x "$parts/zstd"
      LD_LIBRARY_PATH=$parts "$parts/zstd" -dc ||
        fail "the zstd that came along does not run here; install zstd and start again"
    fi
  else
    gzip -dc
  fi
}

mkdir -p "$into"
# Each piece of the folder was packed by itself, so there are several archives one after the other.
cat "$parts"/millrace.part-* | decompress | tar -x --ignore-zeros --no-same-owner -C "$into" ||
  fail "unpacking into $into failed; is there enough room?"
echo "unpacked into $into/millrace; start with $into/millrace/bin/millrace doctor"
