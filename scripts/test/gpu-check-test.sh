#!/usr/bin/env bash
# gpu-check.sh finds out whether there is a GPU, and starts the check of the Millrace that is beside it.
set -euo pipefail

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
  echo "gpu-check-test: $*" >&2
  exit 1
}

mkdir -p "$folder/bundle"/{bin,scripts}
cp "$scripts/gpu-check.sh" "$folder/bundle/scripts/"
touch "$folder/gpu"
cat >"$folder/bundle/scripts/millrace" <<'EOF2'
#!/usr/bin/env bash
echo "$0 $*"
exit 7
EOF2
cp "$folder/bundle/scripts/millrace" "$folder/bundle/bin/"
chmod +x "$folder"/bundle/*/millrace

# check CODE FILE [ARGUMENT...]: runs gpu-check.sh where FILE says that there is a GPU.
check() {
  local wanted=$1 file=$2 code=0
  shift 2
  GPU_CHECK_FILES=$file "$folder/bundle/scripts/gpu-check.sh" "$@" >"$folder/said" 2>&1 || code=$?
  [ "$code" = "$wanted" ] || fail "exit code $code instead of $wanted: $(cat "$folder/said")"
}

says() {
  grep -qF -- "$1" "$folder/said" || fail "no '$1' in: $(cat "$folder/said")"
}

check 3 "$folder/none*"
says "no NVIDIA GPU here"
check 0 "$folder/none*" --help
says "--steps LIST"
check 7 "$folder/none* $folder/g*" --out results --steps 1,2
says "$folder/bundle/bin/millrace gpu-check --out results --steps 1,2"
rm "$folder/bundle/bin/millrace"
check 7 "$folder/gpu"
says "$folder/bundle/scripts/millrace gpu-check"
echo "gpu-check-test: ok"
