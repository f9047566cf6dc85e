# A worker of an image, run and looked at from outside; for scripts/container-check.sh to source.
# shellcheck shell=bash disable=SC2034,SC2154,SC2164 # of variables that it has, under set -e

# As an operator confines it.
confined="--read-only --tmpfs /tmp:rw,exec,mode=1777 --cap-drop all --security-opt no-new-privileges"
aws="-e AWS_REGION=any -e AWS_ACCESS_KEY_ID=any -e AWS_SECRET_ACCESS_KEY=any"
queue_url=http://127.0.0.1:9324/000000000000/images

# A worker holds 256 messages and what is in its ring, so that most of these wait in the queue.
load=2000
# Of a worker's classes.
least_shared=0.8

end_all() { podman rm -f -t 0 -a >/dev/null 2>&1 || true; }

# A queue, an image host and a sink of a laboratory's image, and a network that no other has. start_queue IMAGE
start_queue() {
  # shellcheck disable=SC2086 # several options
  podman run -d --name queue --network none $confined "localhost/$1" queue >/dev/null
  for _ in $(seq 100); do
    ! podman logs queue 2>/dev/null | grep -q '^results ' || break
    sleep 0.3
  done
  images=$(podman logs queue | sed -n 's/^images  *\([^ ]*\).*/\1/p')
  callbacks=$(podman logs queue | sed -n 's/^results  *\([^ ]*\).*/\1/p')
  cat >"$state/worker.yaml" <<END
queue:
  url: $queue_url
device: {type: host}
models:
  - {task: safety, bundle: /app/engines/safety}
fetch: {allowAddresses: [127.0.0.0/8]}
callback: {allowAddresses: [127.0.0.0/8]}
drain: {spot: false}
http: {port: 9400}
END
  chmod 644 "$state/worker.yaml"
}

# start_worker NAME IMAGE [OPTION...]: beside the queue. It says where each class comes from, once.
start_worker() {
  local name=$1 image=$2
  shift 2
  # shellcheck disable=SC2086 # several options
  podman run -d --name "$name" --network container:queue $aws -e JAVA_OPTS="-Xlog:class+load:file=/tmp/classes:none ${java_opts:-}" \
    -v "$state/worker.yaml:/etc/millrace/worker.yaml:ro" "$@" "localhost/$image" >/dev/null
}

# Waits until a command in a worker succeeds. await_ready NAME COMMAND...
await_ready() {
  local name=$1
  shift
  for _ in $(seq 200); do
    ! "$@" >/dev/null 2>&1 || return 0
    sleep 0.2
  done
  podman logs "$name" 2>&1 | tail -n 20 >&2
  return 1
}

process_of() { podman inspect "$1" --format '{{.State.Pid}}'; }

# CPU time of a container's first process, in ms.
cpu_ms() { awk -v hertz="$(getconf CLK_TCK)" '{ print ($14 + $15) * 1000 / hertz }' "/proc/$(process_of "$1")/stat"; }

# The share of a worker's classes that came from the ahead-of-time cache.
shared_classes() {
  podman exec "$1" cat /tmp/classes | awk '/source: / { all++ } /source: shared objects file/ { shared++ } END { printf "%.3f", all ? shared / all : 0 }'
}

# One line for each thing that is wrong with how a container runs, as the kernel says it. confinement_of NAME
confinement_of() {
  local process status
  process=/proc/$(process_of "$1")
  status=$(cat "$process/status")
  [[ "$status" =~ Uid:[[:space:]]+10001[[:space:]]+10001[[:space:]]+10001[[:space:]]+10001 ]] ||
    echo "it runs as user $(awk '/^Uid:/ { print $2 }' <<<"$status") instead of 10001"
  [ "$(awk '/^Cap(Prm|Eff|Bnd|Amb|Inh):/ && $2 !~ /^0+$/' <<<"$status")" = '' ] ||
    echo "it has capabilities: $(awk '/^CapBnd:/ { print $2 }' <<<"$status")"
  [ "$(awk '/^NoNewPrivs:/ { print $2 }' <<<"$status")" = 1 ] || echo "it may gain privileges"
  awk '$5 == "/" { split($6, options, ","); if (options[1] == "ro") found = 1 } END { exit !found }' "$process/mountinfo" ||
    echo "its root file system can be written"
  [ "$(cat "$process/comm")" = java ] || echo "its first process is $(cat "$process/comm") instead of java"
}

# A line where a worker that writes down its classes runs without the ahead-of-time cache. unused_of NAME
unused_of() {
  local shared
  shared=$(shared_classes "$1")
  podman exec "$1" bash -c 'cat /proc/[0-9]*/maps; true' 2>/dev/null | grep 'target/millrace\.aot' >/dev/null ||
    echo "the ahead-of-time cache is not mapped"
  awk -v shared="$shared" -v least=$least_shared 'BEGIN { exit !(shared >= least) }' ||
    echo "$shared of its classes come from the ahead-of-time cache, where $least_shared are wanted"
}

# The numbers of the images of a load that have verdicts, one line for each that the sink took. answers LOAD
answers() { podman logs queue 2>/dev/null | sed -n "s/.*?$1=\([0-9]*\) .*safety.*/\1/p"; }

# Puts a number of images on the queue. submit IMAGE LOAD NUMBER
submit() {
  local number
  for number in $(seq "$3"); do echo "${images}photo-512x512-astronaut.jpg?$2=$number"; done >"$state/urls.txt"
  # shellcheck disable=SC2086 # several options
  podman run --rm --network container:queue $confined $aws -v "$state/urls.txt:/urls.txt:ro" \
    "localhost/$1" submit --queue $queue_url --tasks safety --callback "$callbacks" /urls.txt >/dev/null 2>"$state/submit" ||
    cat "$state/submit" >&2
}

# stop NAME SECONDS: milliseconds and exit code.
stop() {
  local began
  began=$(now_ms)
  podman stop -t "$2" "$1" >/dev/null 2>&1
  echo "$(($(now_ms) - began)) $(podman inspect "$1" --format '{{.State.ExitCode}}')"
}

# A worker is ready, confined, quick and gives a verdict; sets $warm, the CPU time until it is ready. check_start IMAGE LABORATORY
check_start() {
  local began
  start_queue "$2"
  # shellcheck disable=SC2086 # several options
  start_worker worker "$1" $confined
  began=$(now_ms)
  if await_ready worker podman healthcheck run worker; then
    ok "$1: the image's health check passes after $(($(now_ms) - began)) ms"
  else
    bad "$1: the image's health check never passed; the lines above are the worker's"
    return 1
  fi
  warm=$(cpu_ms worker)
  none_of "$(confinement_of worker)" "$1: the kernel says user 10001, no capability in any set, no new privileges, a root that is read-only; java is the first process"
  none_of "$(unused_of worker)" "$1: the ahead-of-time cache is mapped, and $(shared_classes worker) of the classes of a worker that is ready are from there"
  submit "$1" one 1
  for _ in $(seq 100); do
    [ -z "$(answers one)" ] || break
    sleep 0.2
  done
  if [ "$(answers one)" = 1 ]; then ok "$1: an image that was submitted has a verdict"; else bad "$1: an image that was submitted has no verdict"; fi
}

# How a worker ends that has started.
check_ends() {
  local took code
  check_drain
  # Idle by now, with its poll open.
  sleep 3
  read -r took code < <(stop second 10)
  if [ "$code" = 0 ] && [ "$took" -lt 10000 ]; then
    ok "an idle worker ends $took ms after SIGTERM, with exit code 0; Docker waits for 10000"
  else
    bad "an idle worker took $took ms and ended with exit code $code; Docker kills after 10000 ms"
  fi
}

# What the cache saves, beside $warm.
check_cold() {
  local cold=0
  # shellcheck disable=SC2086 # several options
  java_opts=-XX:AOTMode=off start_worker cold millrace $confined
  ! await_ready cold podman healthcheck run cold || cold=$(cpu_ms cold)
  if [ "$warm" -lt "$cold" ]; then
    ok "to be ready costs $warm CPU-ms with the cache and $cold without"
  else
    bad "to be ready costs $warm CPU-ms with the cache and $cold without"
  fi
  podman rm -f -t 0 cold >/dev/null
}

# Stops a worker while it is at work, and lets another go on for 40 s, or until no verdict has come for 10 s. Sets how many images had their verdicts before
# ($before), when it had ended ($after) and at last ($all), how many verdicts there were ($lines), $took and $code.
# drain LOAD NAME NEXT GRACE
drain() {
  local last still=0
  submit millrace "$1" $load
  for _ in $(seq 200); do
    before=$(answers "$1" | wc -l)
    [ "$before" -lt 100 ] || break
    sleep 0.1
  done
  read -r took code < <(stop "$2" "$4")
  after=$(answers "$1" | wc -l)
  # shellcheck disable=SC2086 # several options
  start_worker "$3" millrace $confined
  all=0
  for _ in $(seq 80); do
    last=$all
    all=$(answers "$1" | sort -u | wc -l)
    [ "$all" -lt $load ] || break
    still=$((all == last ? still + 1 : 0))
    [ $still -lt 20 ] || break
    sleep 0.5
  done
  lines=$(answers "$1" | wc -l)
}

# What the first had taken and not answered is visible at once, and not when its lease of 60 s ends.
check_drain() {
  local before after all lines took code
  drain stopped worker second 30
  if [ "$code" = 0 ] && [ "$after" -lt $load ] && [ "$all" = $load ] && [ "$lines" = $load ]; then
    ok "stopped under load: exit code 0 after $took ms; of $load images $before had verdicts before, $((after - before)) got theirs while it drained, the other $((all - after)) from the next worker within 40 s; none is lost, none twice"
  else
    bad "stopped under load: exit code $code after $took ms, $after of $load images had verdicts then and $all after another worker, $((lines - all)) of them twice"
  fi
}

# The laboratory's image runs the demo, and says what came of it.
check_laboratory() {
  local out=$state/demo code=0
  mkdir -p "$out"
  chmod 1777 "$out"
  # shellcheck disable=SC2086
  podman run --name demo --network none $confined -v "$out:/out" localhost/millrace-laboratory \
    demo --messages 150 --summary-json /out/summary.json >"$state/demo.log" 2>&1 || code=$?
  figure() { sed -n "s/^ *\"$1\" : \([0-9.]*\),*$/\1/p" "$out/summary.json" 2>/dev/null; }
  if [ $code = 0 ] && [ "$(figure called_back)" = 150 ] && [ "$(figure lost)" = 0 ] && [ "$(figure left_in_queue)" = 0 ] &&
    [ "$(figure duplicates)" = 0 ] && [ "$(stat -c %u "$out/summary.json")" = 10001 ]; then
    ok "millrace-laboratory: the demo, as user 10001 on a read-only root: 150 of 150 messages called back, 0 lost, $(figure images_per_s) images/s"
  else
    tail -n 20 "$state/demo.log" >&2
    bad "millrace-laboratory: the demo ended with $code and says $(tr -d '\n' <"$out/summary.json" 2>/dev/null || echo nothing)"
  fi
}
