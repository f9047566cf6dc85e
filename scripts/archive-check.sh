#!/usr/bin/env bash
# Runs the archive of a release where there is nothing but a JDK; --help says what for, and with which options.
set -euo pipefail

# shellcheck source=scripts/archive/minimal.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/archive/minimal.sh"

usage() {
  cat <<'END'
usage: sudo scripts/archive-check.sh [OPTION...] [ARCHIVE]
Unpacks the archive that "mvn -Prelease -DskipTests verify" makes into a path with a space, and runs it as
a user of its own in a minimal Debian with a JDK 25 and nothing else: read-only but for /tmp, without
capabilities, without a network. The queue, the image host and the sink are the laboratory's, outside. Then
mistakes are planted in copies of it, and each must be found.

  ARCHIVE        The archive (default: the newest in target).
  --jdk FOLDER   The JDK 25 that it runs with (default: the one that scripts/millrace finds).
  --root FILE    A root file system as a tar file, instead of the minimal Debian that mmdebstrap makes.
  -h, --help     Print this and end.

Exit codes: 0 all checks passed, 1 one failed, 2 something is missing or a mistake in the options.
END
}

read_options "unshare chroot ip" "$@"
in_namespaces '' "$@"

place="/srv/a path with a space"
mkdir -p "$root$place"
tar -C "$root$place" --no-same-owner -xzf "$archive"
inside=$place/$(ls "$root$place")

# mistaken NAME SED_SCRIPT: a copy whose launcher has a mistake.
mistaken() {
  cp -al "$root$inside" "$root$place/$1"
  sed "${2:-}" "$root$inside/bin/millrace" >"$state/launcher"
  install -m 755 "$state/launcher" "$root$place/$1/bin/millrace"
}
mistaken unquoted 's/^\. "\(.*\)"/. \1/'
# shellcheck disable=SC2016 # for the script that is written
mistaken writing 's/^require_jdk/mkdir "$home\/target" || exit 3; require_jdk/'
mistaken incomplete
rm "$root$place/incomplete/lib"/opencv-*-linux-x86_64.jar

place_for_jdk
cp -r "$repo/src/main/resources/dev/millrace/verify/photos" "$root/srv/photos"
chmod -R go+rX "$root/srv/photos"
configuration "$root/srv/worker.yaml" "$inside/engines"
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount --bind "$jdk" "$root/usr/lib/jvm/jdk"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
[ -c "$root/dev/urandom" ] || mount --rbind /dev "$root/dev"

# as_user COMMAND [ARGUMENT...]: in the root, as somebody who owns nothing there, by exec, so that a process of the shell's
# becomes it.
as_user() {
  exec chroot "$root" setpriv --reuid=54321 --regid=54321 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all \
    env -i PATH=/usr/bin:/bin AWS_REGION=any AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any "$@"
}

# expect TEXT WHAT COMMAND [ARGUMENT...]: it ends with 0, and says TEXT.
expect() {
  local text=$1 what=$2 code=0
  shift 2
  (as_user "$@") >"$state/said" 2>&1 || code=$?
  if [ $code = 0 ] && grep -q -- "$text" "$state/said"; then
    ok "$what"
  else
    cat "$state/said" >&2
    bad "$what: exit code $code; the lines above are what it said, among which '$text' was wanted"
  fi
}

# one_line WHAT TEXT COMMAND [ARGUMENT...]: it ends with 2, and says TEXT in one line.
one_line() {
  local what=$1 text=$2 code=0 said
  shift 2
  said=$( (as_user "$@") 2>&1) || code=$?
  if [ $code = 2 ] && [ "$(echo "$said" | wc -l)" = 1 ] && [[ $said == "millrace: "*"$text"* ]]; then
    ok "$what: ${said:0:110}"
  else
    bad "$what: exit code $code, $said"
  fi
}

check_commands() {
  local version
  version=$( (as_user "$inside/bin/millrace" --version) 2>&1) || true
  case $version in
    "millrace "*) ok "$version, in '$inside', as user 54321, without capabilities and network, on a read-only root" ;;
    *) bad "--version says: $version" ;;
  esac
  expect 'resized by the native kernel' "doctor finds nothing, and the native kernel is there" "$inside/bin/millrace" doctor
  expect '^they agree' "engine verify runs a model on photos" "$inside/bin/millrace" engine verify --device host "$inside/engines/safety"
  one_line "engine inspect, which asks for a GPU" "no GPU" "$inside/bin/millrace" engine inspect "$inside/engines/safety"
  (as_user "$inside/bin/millrace" run /srv/photos --tasks safety --out /tmp/results.jsonl) >"$state/said" 2>&1 || true
  if grep -q 'astronaut.*"Neutral"' "$root/tmp/results.jsonl" 2>/dev/null; then
    ok "run answers $(wc -l <"$root/tmp/results.jsonl") images of a folder"
  else
    cat "$state/said" >&2
    bad "run gives no verdict on a photo; the lines above are what it said"
  fi
}

start_worker() {
  as_user "$inside/bin/millrace" worker --config /srv/worker.yaml >>"$state/worker" 2>&1 &
  worker=$!
  processes+=("$worker")
}

# Messages from the archive's own command. A worker is ended while it has most of them, and the next one has the rest.
check_worker() {
  local began took code=0 sent=600 before
  start_queue
  began=$(now_ms)
  start_worker
  if ! within 300 ready; then
    cat "$state/worker" >&2
    bad "the worker is not ready; the lines above are its"
    return
  fi
  ok "a worker is ready $(($(now_ms) - began)) ms after its start"
  urls $sent "$root/tmp/urls.txt"
  expect . "submit sends $sent messages" "$inside/bin/millrace" submit --queue http://127.0.0.1:9324/000000000000/images --tasks safety \
    --callback http://127.0.0.1:9325/results /tmp/urls.txt
  within 300 has_results 1 || true
  began=$(now_ms)
  kill -TERM "$worker"
  wait "$worker" || code=$?
  took=$(($(now_ms) - began))
  before=$(results)
  if [ $code = 0 ] && [ $took -lt 30000 ] && [ "$before" -gt 0 ]; then
    ok "SIGTERM at work: drained in $took ms, exit code 0, $before of $sent answered so far"
  else
    cat "$state/worker" >&2
    bad "SIGTERM at work: $took ms, exit code $code, $before of $sent answered"
  fi
  start_worker
  within 300 ready || true
  if within 300 has_results $sent; then
    ok "the next worker answers the rest: $(results) of $sent; $(first_result)"
  else
    cat "$state/worker" >&2
    bad "the next worker leaves messages: $(results) of $sent are answered"
  fi
  code=0
  kill -TERM "$worker"
  wait "$worker" || code=$?
  [ $code = 0 ] || bad "an idle worker ends with exit code $code"
}

# planted NAME WHAT: what is wrong with this copy shows.
planted() {
  local code=0
  (as_user "$place/$1/bin/millrace" doctor) >"$state/said" 2>&1 || code=$?
  if [ $code != 0 ]; then
    ok "planted, and found: $2: exit code $code, $(grep -v '^ok' "$state/said" | head -n 1 | cut -c 1-160)"
  else
    bad "planted, and not found: $2"
  fi
}

check_commands
check_worker
planted unquoted "a path without quotes"
planted writing "a launcher that writes into its folder"
planted incomplete "a jar that is missing"
umount -l "$root/usr/lib/jvm/jdk"
one_line "without a JDK" "no JDK 25" "$inside/bin/millrace" doctor
finish
