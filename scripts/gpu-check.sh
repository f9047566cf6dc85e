#!/usr/bin/env bash
# Proves Millrace on a GPU host: plans, contract, overlap, demo, reloads, and a table of the results.
set -euo pipefail
export LC_ALL=C.UTF-8

home=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
out="gpu-check"
quick=
# For all steps together; each has a limit of its own and never gets more than what is left. The test
# of this script sets this and the next.
total_s=${GPU_CHECK_SECONDS:-470}
# The files by which one sees that there is an NVIDIA GPU at all.
gpu_files=${GPU_CHECK_FILES:-/dev/nvidia[0-9]* /dev/dxg /proc/driver/nvidia/version}
contract=dev.millrace.gpu.cuda.CudaDeviceContractTest
generate="engine generate"

usage() {
  cat <<EOF
usage: scripts/gpu-check.sh [--out DIR] [--quick]

Runs on a host with an NVIDIA GPU, in a folder of gpu-bundle.sh or in a checkout, for 8 minutes at
most: doctor, plans for safety, objects and a seeded ResNet-50, each compared with its ONNX model, the
device contract test on CUDA, the overlap of copying and computing, the demo on CUDA, reloads.
Writes gpu-check.md, gpu-check.json and gpu-check.log into DIR (default $out).

  --quick  only safety, fewer batch sizes, messages and reloads

Exit codes: 0 all is well, 1 a step failed (the table says which), 2 a mistake in the options,
3 there is no GPU.
EOF
}

fail() {
  echo "gpu-check: $*" >&2
  exit 2
}

while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=yes ;;
    --out)
      [ $# -ge 2 ] || fail "--out needs a folder; see --help"
      out=$2
      shift
      ;;
    -h | --help)
      usage
      exit
      ;;
    *) fail "$1: no such option; see --help" ;;
  esac
  shift
done

gpu_here() {
  local file
  # The patterns expand here.
  for file in $gpu_files; do
    [ ! -e "$file" ] || return 0
  done
  return 1
}
if ! gpu_here; then
  echo "gpu-check: no NVIDIA GPU here (no device file and no driver); nothing was checked" >&2
  exit 3
fi

millrace=$home/bin/millrace
[ -x "$millrace" ] || millrace=$home/scripts/millrace
mkdir -p "$out" || fail "--out $out: cannot be made"
out=$(cd "$out" && pwd)
log=$out/gpu-check.log
: >"$log"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# In a bundle what is generated stays, as the plans do.
generated=$home/cache
if [ "$millrace" != "$home/bin/millrace" ] || ! mkdir -p "$generated" 2>/dev/null || [ ! -w "$generated" ]; then
  generated=$scratch
fi

started=$EPOCHREALTIME
seconds_since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }'; }

names=()
declare -A result seconds says

# note NAME RESULT SECONDS TEXT: a row of the table.
note() {
  names+=("$1")
  result[$1]=$2 seconds[$1]=$3 says[$1]=$4
  printf '%-8s %-18s %6s s  %s\n' "$2" "$1" "$3" "$4"
}

# The result of a step that has already a row turned out worse than its exit code.
worse() {
  result[$1]=failed says[$1]=$2
  printf '%-8s %-18s %6s s  %s\n' failed "$1" "${seconds[$1]}" "$2"
}

# The lines of a command's output, without what moves a cursor.
lines_of() { sed 's/\x1b\[[0-9;?]*[a-zA-Z]//g' "$1" | tr -d '\000' | tr '\r' '\n' | grep -av '^[[:space:]]*$' | cut -c1-160 || true; }
last_line() { lines_of "$1" | tail -n 1; }

# Why a command failed, in one line: Millrace's own, or the first before a page of usage, or the last.
reason() {
  local own
  own=$(lines_of "$1" | grep -a '^millrace' | tail -n 1 || true)
  if [ -n "$own" ]; then
    echo "$own"
  elif [ "$2" = 2 ]; then
    lines_of "$1" | sed -n 1p
  else
    last_line "$1"
  fi
}

# step NAME LIMIT_S NEEDED COMMAND...: runs a command unless the step that it needs failed ("-": none).
step() {
  local name=$1 limit=$2 needed=$3 begun code left
  shift 3
  if [ "$needed" != - ] && [ "${result[$needed]:-}" != ok ]; then
    note "$name" skipped 0.0 "needs $needed"
    return
  fi
  left=$(awk -v total="$total_s" -v used="$(seconds_since "$started")" 'BEGIN { print int(total - used) }')
  if [ "$left" -lt 2 ]; then
    note "$name" skipped 0.0 "no time left of $total_s s"
    return
  fi
  [ "$limit" -le "$left" ] || limit=$left
  begun=$EPOCHREALTIME
  code=0
  timeout -k 5 "$limit" "$@" >"$scratch/output" 2>&1 </dev/null || code=$?
  {
    echo "=== $name: $*"
    cat "$scratch/output"
    echo "=== $name: exit code $code after $(seconds_since "$begun") s"
    echo
  } >>"$log"
  case $code in
    0) note "$name" ok "$(seconds_since "$begun")" "$(last_line "$scratch/output")" ;;
    124 | 137) note "$name" failed "$(seconds_since "$begun")" "stopped after $limit s; $(last_line "$scratch/output")" ;;
    *) note "$name" failed "$(seconds_since "$begun")" "exit code $code; $(reason "$scratch/output" "$code")" ;;
  esac
}

# number FILE|- KEY: of a JSON object without inner ones.
number() { sed -n "s/.*\"$2\":\(-\{0,1\}[0-9][0-9.eE+-]*\).*/\1/p" "$1" | head -n 1; }
compact() { tr -d ' \t\r\n' <"$1"; }

run_contract() {
  if [ -x "$home/bin/jvm" ]; then
    MILLRACE_CLASSPATH="$home/test/*" exec "$home/bin/jvm" org.junit.platform.console.ConsoleLauncher execute \
      --select-class="$contract" --disable-banner --disable-ansi-colors --details=tree --fail-if-no-tests
  fi
  cd "$home" && exec mvn -B -ntp -Dspotless.check.skip=true -Dtest="${contract##*.}" test
}
export -f run_contract
export home contract

tasks="safety objects"
resnet=$generated/resnet50
subject=$resnet
batches=1,8,32,128
messages=1000
reloads=20
if [ -n "$quick" ]; then
  tasks=safety
  subject=$home/engines/safety
  batches=1,8
  messages=200
  reloads=5
fi

step doctor 30 - "$millrace" doctor
gpu=$({ nvidia-smi --query-gpu=name,compute_cap,driver_version,memory.total --format=csv,noheader ||
  /usr/local/nvidia/bin/nvidia-smi --query-gpu=name,compute_cap,driver_version,memory.total --format=csv,noheader; } 2>/dev/null | head -n 1 || true)
[ -n "$gpu" ] || gpu=$(sed -n 's/^ok *GPU: //p' "$log" | head -n 1)
says[doctor]=${gpu:-${says[doctor]}}

for task in $tasks; do
  step "build-$task" 100 - "$millrace" engine build "$home/engines/$task"
done
last_build=build-safety
if [ -z "$quick" ]; then
  # Of an earlier run; the seed makes the same one.
  rm -rf "$resnet"
  # shellcheck disable=SC2086 # a command and its verb
  step generate-resnet50 40 - "$millrace" $generate "$resnet" --seed 1
  # All commands after it then ask for the same plan.
  if [ -f "$resnet/model.yaml" ] && ! grep -q '^maxBatch:' "$resnet/model.yaml"; then
    echo "maxBatch: 128" >>"$resnet/model.yaml"
  fi
  step build-resnet50 120 generate-resnet50 "$millrace" engine build "$resnet"
  last_build=build-resnet50
fi
for task in $tasks; do
  step "verify-$task" 40 "build-$task" "$millrace" engine verify "$home/engines/$task"
done
[ -n "$quick" ] || step verify-resnet50 40 build-resnet50 "$millrace" engine verify "$resnet"

step contract 60 - bash -c run_contract
if [ "${result[contract]}" = ok ] && [ -x "$home/bin/jvm" ]; then
  tests=$(sed -n '/^=== contract: bash/,/^=== contract: exit/p' "$log")
  if grep -Eq '\[ +[1-9][0-9]* (tests|containers) (skipped|aborted|failed)' <<<"$tests" ||
    ! grep -Eq '\[ +[1-9][0-9]* tests successful' <<<"$tests"; then
    worse contract "tests were skipped although there is a GPU; gpu-check.log says which"
  else
    says[contract]=$(grep -Eo '[0-9]+ tests successful' <<<"$tests")
  fi
fi

step overlap 100 "$last_build" "$millrace" engine overlap "$subject" --batches "$batches" --json "$scratch/overlap.json"
rows=()
if [ -s "$scratch/overlap.json" ]; then
  mapfile -t rows < <(compact "$scratch/overlap.json" | grep -o '{[^{}]*"batch":[^{}]*}')
fi
table=()
judgement=
for row in "${rows[@]}"; do
  echo "$row" >"$scratch/row"
  # Per batch, in milliseconds: (i) computing only, (ii) copy, compute, copy in series, (iii) two lanes.
  line=$(awk -v batch="$(number "$scratch/row" batch)" -v i="$(number "$scratch/row" compute_ms)" \
    -v ii="$(number "$scratch/row" series_ms)" -v iii="$(number "$scratch/row" double_ms)" \
    -v copy="$(number "$scratch/row" copy_ms)" 'BEGIN {
      if (i <= 0 || ii <= 0 || iii <= 0) { print "| " batch " | | | | | | | incomplete |"; exit }
      verdict = "ok"
      if (batch >= 32 && i / iii < 0.95) verdict = "failed: under 95 % of computing only"
      else if (copy / ii >= 0.25 && ii / iii < 1.3) verdict = "failed: under 1.3 times the series"
      printf "| %d | %.3f | %.3f | %.3f | %.1f %% | %.2f | %.0f %% | %s |\n", \
        batch, i, ii, iii, 100 * i / iii, ii / iii, 100 * copy / ii, verdict }')
  table+=("$line")
  case $line in
    *failed* | *incomplete*) judgement="the table of the overlap says at which batch" ;;
  esac
done
if [ "${result[overlap]}" = ok ]; then
  if [ "${#rows[@]}" -eq 0 ]; then
    worse overlap "wrote no rows with a batch"
  elif [ -n "$judgement" ]; then
    worse overlap "$judgement"
  fi
fi

step demo 60 "build-safety" "$millrace" demo --device cuda --messages "$messages" \
  --tasks "${tasks// /,}" --summary-json "$scratch/demo.json"
if [ -s "$scratch/demo.json" ] && [ "${result[demo]}" = ok ]; then
  compact "$scratch/demo.json" >"$scratch/row"
  says[demo]="$(number "$scratch/row" images_per_s) images/s, mean batch $(number "$scratch/row" mean_batch), lost $(number "$scratch/row" lost)"
fi

step reload 90 "$last_build" "$millrace" engine reload "$subject" --times "$reloads" --json "$scratch/reload.json"
if [ "${result[reload]}" = ok ]; then
  if [ -s "$scratch/reload.json" ]; then
    compact "$scratch/reload.json" >"$scratch/row"
    before=$(number "$scratch/row" device_bytes_before)
    after=$(number "$scratch/row" device_bytes_after)
    if [ -z "$before" ] || [ -z "$after" ]; then
      worse reload "did not say how much device memory was used before and after"
    elif awk -v a="$before" -v b="$after" 'BEGIN { d = b - a; exit !(d > 1048576 || d < -1048576) }'; then
      worse reload "device memory went from $before to $after bytes; 1 MiB is allowed"
    else
      says[reload]="$reloads reloads, device memory $before bytes before, $after after"
    fi
  else
    worse reload "wrote no figures"
  fi
fi

all=ok
for name in "${names[@]}"; do
  [ "${result[$name]}" = ok ] || all=failed
done
wall=$(seconds_since "$started")
contents=$(head -n 1 "$home/CONTENTS" 2>/dev/null || true)

cell() { echo "${1//|/\\|}"; }
{
  echo "# GPU check: $all"
  echo
  echo "${gpu:-GPU unknown}, $(nproc) cores, $(date -u +%Y-%m-%dT%H:%MZ), $wall s${quick:+, quick}. ${contents:-In a checkout.}"
  echo
  echo "| step | result | seconds | |"
  echo "|---|---|---:|---|"
  for name in "${names[@]}"; do
    echo "| $name | ${result[$name]} | ${seconds[$name]} | $(cell "${says[$name]}") |"
  done
  if [ "${#table[@]}" -gt 0 ]; then
    echo
    echo "Overlap on ${subject##*/}, milliseconds per batch. (i) computing only, back to back; (ii) copy, compute,"
    echo "copy in series; (iii) double-buffered."
    echo
    echo "| batch | (i) | (ii) | (iii) | rate of (iii) in (i) | (iii) times (ii) | copies in (ii) | |"
    echo "|---:|---:|---:|---:|---:|---:|---:|---|"
    printf '%s\n' "${table[@]}"
  fi
} >"$out/gpu-check.md"

json_string() {
  local text=${1//\\/\\\\}
  printf '"%s"' "$(tr -d '\000-\037' <<<"${text//\"/\\\"}")"
}
{
  echo "{"
  echo "  \"result\": \"$all\", \"seconds\": $wall, \"quick\": $([ -n "$quick" ] && echo true || echo false),"
  echo "  \"gpu\": $(json_string "$gpu"), \"cores\": $(nproc), \"bundle\": $(json_string "$contents"),"
  for name in overlap demo reload; do
    [ ! -s "$scratch/$name.json" ] || echo "  \"$name\": $(cat "$scratch/$name.json"),"
  done
  echo "  \"steps\": ["
  comma=
  for name in "${names[@]}"; do
    printf '%s    {"name": "%s", "result": "%s", "seconds": %s, "says": %s}' "$comma" "$name" "${result[$name]}" \
      "${seconds[$name]}" "$(json_string "${says[$name]}")"
    comma=$',\n'
  done
  printf '\n  ]\n}\n'
} >"$out/gpu-check.json"

echo
cat "$out/gpu-check.md"
[ "$all" = ok ]
