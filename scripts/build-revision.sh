#!/usr/bin/env bash
# Writes which commit is built into a file, for Maven; --help says how.
set -euo pipefail

case "${1:-}" in
  -h | --help)
    echo "usage: scripts/build-revision.sh FILE"
    echo
    echo "Writes which commit is built into FILE: 1a2b3c4d5e6f, with -changed where files of the source differ"
    echo "from it, or unknown without Git. MILLRACE_REVISION says it where it is set, as while an image is"
    echo "built. Maven runs this at each build."
    exit
    ;;
  "" | -*)
    echo "build-revision: give a file to write to; see --help" >&2
    exit 2
    ;;
esac

home=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
file=$1

revision=${MILLRACE_REVISION:-}
if [ -z "$revision" ]; then
  revision=$(git -C "$home" rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
  if [ "$revision" != unknown ] && ! git -C "$home" diff --quiet HEAD -- pom.xml native src/main 2>/dev/null; then
    revision=$revision-changed
  fi
fi
# A file that is as new as before lets what was made of it be.
if [ "$(cat "$file" 2>/dev/null || true)" != "$revision" ]; then
  mkdir -p "$(dirname "$file")"
  echo "$revision" >"$file"
fi
