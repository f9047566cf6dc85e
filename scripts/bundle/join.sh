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
  cat <<EOF
usage: join.sh [FOLDER]

Checks the parts beside this script and unpacks them into FOLDER (default: the current folder). Needs
bash, coreutils and tar.

Exit codes: 0 unpacked; 1 parts are missing or damaged, or there is no room; 2 a mistake in the arguments.
EOF
  exit
fi
if [ $# -gt 1 ] || [[ "$into" == -* ]]; then
  echo "join: give one folder at most; see --help" >&2
  exit 2
fi

missing=
while read -r _ name; do
  [ -f "$parts/${name#\*}" ] || missing+=" ${name#\*}"
done <"$parts/SHA256SUMS"
[ -z "$missing" ] || fail "missing beside join.sh:$missing; copy them here and start again"
bad=$(cd "$parts" && sha256sum --quiet -c SHA256SUMS 2>/dev/null) ||
  fail "damaged: $(sed -n 's/: FAILED.*//p' <<<"$bad" | tr '\n' ' '); copy these parts again"

decompress() {
  if [ -f "$parts/zstd" ]; then
    if command -v zstd >/dev/null; then
      zstd -dc
    else
      chmod u+x "$parts/zstd"
      LD_LIBRARY_PATH=$parts "$parts/zstd" -dc ||
        fail "the zstd beside this script does not run on this machine; install zstd and start again"
    fi
  else
    gzip -dc
  fi
}

mkdir -p "$into"
# Each piece of the folder was packed by itself, so there are several archives one after the other.
cat "$parts"/millrace.part-* | decompress | tar -x --ignore-zeros --no-same-owner -C "$into" ||
  fail "the parts could not be unpacked into '$into'; free space there and start again"
echo "unpacked into $into/millrace; start with $into/millrace/bin/millrace doctor"
