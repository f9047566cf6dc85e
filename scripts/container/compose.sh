# compose.yaml as a whole; for scripts/container-check.sh to source.
# shellcheck shell=bash disable=SC2034,SC2154,SC2164 # of variables that it has, under set -e

# The programs that are missing for it.
compose_lacks() {
  local program
  for program in podman-compose nft; do
    command -v $program >/dev/null || echo "$program"
  done
  for program in netavark aardvark-dns; do
    command -v $program >/dev/null || [ -x /usr/lib/podman/$program ] || [ -x /usr/libexec/podman/$program ] || echo "$program"
  done
}

compose() { ELASTICMQ_IMAGE=$queue_image PYTHON_IMAGE=$python_image podman-compose --no-ansi -f "$repo/docker/compose.yaml" "$@"; }

# Nothing of it stays; netavark leaves its table of rules, empty.
compose_down() {
  compose --profile tools down -t 0 >/dev/null 2>&1 || true
  [ "$had_table" = 1 ] || nft delete table inet netavark 2>/dev/null || true
}

# Queue, sink, worker and submit, on their own network, as the README starts them.
check_compose() {
  local lacks began results=0 code=0 took
  lacks=$(compose_lacks | tr '\n' ' ')
  if [ -n "$lacks" ]; then
    skip "compose.yaml was not run, since these are missing: ${lacks% } (Debian: apt-get install podman-compose netavark aardvark-dns nftables)"
    return
  fi
  if ! compose_bases; then
    tail -n 5 "$state/elasticmq.log" >&2
    skip "compose.yaml was not run: Maven did not get ElasticMQ's server, as the lines above say"
    return
  fi
  had_table=0
  ! nft list table inet netavark >/dev/null 2>&1 || had_table=1
  trap 'compose_down; end_all' EXIT
  began=$(now_ms)
  if ! compose up -d --no-build >"$state/compose.log" 2>&1; then
    tail -n 20 "$state/compose.log" >&2
    bad "compose.yaml does not start; the lines above say why"
    return
  fi
  if ! await_ready millrace_worker_1 podman healthcheck run millrace_worker_1; then
    bad "compose.yaml: its worker's health check never passed; the lines above are the worker's"
    return
  fi
  took=$(($(now_ms) - began))
  none_of "$(confinement_of millrace_worker_1)" "compose.yaml: queue, sink and worker are up and healthy after $took ms, the worker as confined as above"
  compose --profile tools run --rm -T --no-deps submit >"$state/compose.log" 2>&1 || cat "$state/compose.log" >&2
  for _ in $(seq 100); do
    results=$(podman logs millrace_sink_1 2>/dev/null | grep -c '"status":"ok"' || true)
    [ "$results" -lt 3 ] || break
    sleep 0.2
  done
  if [ "$results" = 3 ]; then
    ok "compose.yaml: the three photos of submit have results in the sink's log"
  else
    podman logs millrace_worker_1 2>&1 | tail -n 20 | cut -c1-600 >&2
    bad "compose.yaml: $results of three photos have results; the lines above are the worker's"
  fi
  compose stop >"$state/compose.log" 2>&1 || code=$?
  code=$code$(podman inspect millrace_worker_1 millrace_sink_1 --format ' {{.State.ExitCode}}' | tr -d '\n')
  if [ "$code" = "0 0 0" ]; then
    ok "compose.yaml: stop ends worker and sink with exit code 0"
  else
    bad "compose.yaml: stop ended with $code (podman-compose, worker, sink)"
  fi
  compose_down
}
