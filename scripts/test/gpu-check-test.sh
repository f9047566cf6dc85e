#!/usr/bin/env bash
# gpu-check.sh against a millrace that answers from here: what the table says of good and bad figures.
set -euo pipefail

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
  echo "gpu-check-test: $*" >&2
  exit 1
}

mkdir -p "$folder/bundle"/{bin,scripts,engines/safety,engines/objects}
cp "$scripts/gpu-check.sh" "$folder/bundle/scripts/"
echo 'Millrace "fake" \ one' >"$folder/bundle/CONTENTS"
touch "$folder/gpu"

cat >"$folder/bundle/bin/millrace" <<'EOF'
#!/usr/bin/env bash
set -euo pipefail
while read -r pattern; do
  [[ -z "$pattern" || "$*" != *$pattern* ]] || { echo "cannot: $pattern | no"; exit 7; }
done <<<"${FAKE_FAILS:-}"
all=$*
file=${all##*json }
case "$1 ${2:-}" in
  "engine verify") [ -z "${FAKE_USAGE:-}" ] || { printf 'Unknown option\nUsage: and so on\n'; exit 2; } ;;
  "doctor ") printf 'ok    OpenCV: 4.13.0\0\nok    GPU: Fake 9000, 9.0\n' ;;
  "engine overlap")
    [ -z "${FAKE_SLOW:-}" ] || sleep 30
    cat >"$file" <<JSON
{
  "device" : "Fake",
  "rows" : [ {
    "batch" : 1, "compute_ms" : 1.0, "series_ms" : 1.2, "double_ms" : 1.2, "copy_ms" : 0.2
  }, {
    "double_ms" : ${FAKE_DOUBLE:-10.2}, "copy_ms" : 4.0,
    "batch" : 32, "compute_ms" : 1.0E1, "series_ms" : 14.0
  } ]
}
JSON
    ;;
  "engine reload") echo "{\"reloads\": 20, \"device_bytes_before\": 1000000, \"device_bytes_after\": ${FAKE_AFTER:-1000000}}" >"$file" ;;
  "demo --device") echo '{"images_per_s": 812.5, "mean_batch": 7.9, "lost": 0}' >"$file" ;;
esac
echo "$* done"
EOF
cat >"$folder/bundle/bin/jvm" <<'EOF'
#!/usr/bin/env bash
echo "[        12 tests successful      ]"
echo "[         ${FAKE_SKIPPED:-0} tests skipped         ]"
EOF
chmod +x "$folder"/bundle/bin/*

# check CODE [ARGUMENT...]: runs gpu-check.sh with what the caller exported.
check() {
  local wanted=$1 code=0
  shift
  rm -rf "$folder/out"
  GPU_CHECK_FILES=${GPU_CHECK_FILES:-$folder/gpu} "$folder/bundle/scripts/gpu-check.sh" --out "$folder/out" "$@" \
    >"$folder/said" 2>&1 || code=$?
  [ "$code" = "$wanted" ] || fail "exit code $code instead of $wanted: $(cat "$folder/said")"
}

says() {
  grep -qF -- "$1" "$folder/out/gpu-check.md" || fail "no '$1' in: $(cat "$folder/out/gpu-check.md")"
}

check 0
says "# GPU check: ok"
says "| batch | (i) | (ii) | (iii) |"
says "| 1 | 1.000 | 1.200 | 1.200 | 83.3 % | 1.00 | 17 % | ok |"
says "| 32 | 10.000 | 14.000 | 10.200 | 98.0 % | 1.37 | 29 % | ok |"
says "812.5 images/s, mean batch 7.9, lost 0"
says "12 tests successful"
for step in doctor build-{safety,objects,resnet50} generate-resnet50 verify-{safety,objects,resnet50} contract overlap demo reload; do
  says "| $step | ok |"
done
if command -v python3 >/dev/null; then
  python3 - "$folder/out/gpu-check.json" <<'EOF'
import json, sys
report = json.load(open(sys.argv[1]))
assert report["result"] == "ok" and len(report["steps"]) == 12, report
assert report["overlap"]["rows"][1]["batch"] == 32, report
assert report["bundle"] == 'Millrace "fake" \\ one', report
EOF
fi
files=("$folder"/out/*)
[ ${#files[@]} = 3 ] || fail "more than three files in --out"

FAKE_DOUBLE=10.9 check 1
says "# GPU check: failed"
says "failed: under 95 % of computing only"
says "| overlap | failed |"
says "| demo | ok |"

FAKE_AFTER=2048576 check 0
FAKE_AFTER=2048577 check 1
says "device memory went from 1000000 to 2048577 bytes; 1 MiB is allowed"

FAKE_SKIPPED=3 check 1
says "| contract | failed |"

FAKE_USAGE=yes check 1
says "| verify-safety | failed |"
says "exit code 2; Unknown option |"

FAKE_FAILS="engine build $folder/bundle/cache/resnet50" check 1
says "| build-resnet50 | failed |"
says "exit code 7; cannot: engine build"
says "\| no |"
says "| verify-resnet50 | skipped | 0.0 | needs build-resnet50 |"
says "| reload | skipped |"
says "| verify-objects | ok |"

FAKE_SLOW=yes GPU_CHECK_SECONDS=4 check 1
says "| overlap | failed |"
says "stopped after"
says "| reload | skipped | 0.0 | no time left of 4 s |"

check 0 --quick
says ", quick"
grep -q resnet "$folder/out/gpu-check.md" && fail "--quick must leave ResNet-50 out"

GPU_CHECK_FILES=$folder/none check 3
grep -q "no NVIDIA GPU here" "$folder/said" || fail "no line about the missing GPU"
check 2 --nonsense
echo "gpu-check-test: ok"
