#!/usr/bin/env bash
# join.sh with parts that are whole, missing and damaged.
set -euo pipefail

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
  echo "join-test: $*" >&2
  exit 1
}

mkdir -p "$folder"/{millrace/gpu,parts,host}
head -c 100000 /dev/urandom >"$folder/millrace/gpu/library"
echo one >"$folder/millrace/CONTENTS"
cp "$scripts/bundle/join.sh" "$folder/parts/"
# Two archives one after the other, as gpu-bundle.sh leaves them.
for piece in gpu CONTENTS; do tar -C "$folder" -c "millrace/$piece" | gzip; done |
  split -b 40000 -d -a 2 - "$folder/parts/millrace.part-"
(cd "$folder/parts" && sha256sum millrace.part-* >SHA256SUMS)

# join CODE TEXT: what join.sh must exit with and say.
join() {
  local code=0 said
  said=$("$folder/parts/join.sh" "$folder/host" 2>&1) || code=$?
  if [ "$code" != "$1" ] || [[ "$said" != *"$2"* ]]; then
    fail "exit code $code: $said"
  fi
}

join 0 "unpacked into"
cmp "$folder/millrace/gpu/library" "$folder/host/millrace/gpu/library"
cmp "$folder/millrace/CONTENTS" "$folder/host/millrace/CONTENTS"

mv "$folder/parts/millrace.part-01" "$folder/away"
join 1 "missing beside join.sh: millrace.part-01"
head -c 40000 /dev/zero >"$folder/parts/millrace.part-01"
join 1 "damaged: millrace.part-01"
mv "$folder/away" "$folder/parts/millrace.part-01"
join 0 "unpacked into"
echo "join-test: ok"
