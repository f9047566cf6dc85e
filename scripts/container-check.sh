#!/usr/bin/env bash
# Builds the images of docker/ and checks them; --help says what for, and with which options.
set -euo pipefail

repo=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)

usage() {
  cat <<'END'
usage: scripts/container-check.sh [OPTION...]
Builds the images of docker/Dockerfile and docker/Dockerfile.gpu and the laboratory's, and checks them: what
they are made of and how large that is, how they are confined, the native kernel, the cost of decoding inside
and outside, the health check, a verdict, a stop under load and an idle one, the demo, compose.yaml as a
whole. An image with planted mistakes must fail each check. Needs no container daemon. Without --registry it
needs no registry either: the bases are stand-ins, made of Debian's packages, your JDK and your Maven, and
NVIDIA's is one with empty libraries of TensorRT's names.

  --jdk FOLDER        The JDK 25, with jlink, of the stand-ins and of what is measured outside (default: the
                      one that scripts/millrace finds).
  --registry HOST     Take the bases from this registry instead, such as docker.io/library.
  --tensorrt IMAGE    NVIDIA's base, with --registry (default: the one in docker/Dockerfile.gpu).
  --maven FOLDER      A folder with artifacts from which the image's Maven copies instead of downloading, such
                      as ~/.m2/repository (default: it downloads).
  --suite NAME        Debian's release of the stand-ins (default: trixie).
  --work FOLDER       Keep bases and layers here for the next run (default: a temporary folder, which is
                      deleted).
  --rounds N          How often decoding inside and outside is measured, in turns; 0 for not at all
                      (default: 6).
  --only cpu|gpu      One image alone (default: both).
  -h, --help          Print this and end.

Exit codes: 0 all checks passed, 1 one failed, 2 something is missing or a mistake in the options.
END
}

fail() {
  echo "container-check: $*" >&2
  exit 2
}

given=("$@")
registry='' tensorrt='' artifacts='' suite=trixie work='' rounds=6 only=both
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help)
      usage
      exit
      ;;
    --jdk | --registry | --tensorrt | --maven | --suite | --work | --rounds | --only)
      [ $# -gt 1 ] || fail "$1: needs a value; --help lists the options"
      case $1 in
        --jdk) export JAVA_HOME=$2 ;;
        --registry) registry=${2%/} ;;
        --tensorrt) tensorrt=$2 ;;
        --maven) artifacts=$(readlink -f "$2") ;;
        --suite) suite=$2 ;;
        --work) work=$2 ;;
        --rounds) rounds=$2 ;;
        --only) only=$2 ;;
      esac
      shift 2
      ;;
    *) fail "'$1' is no option; --help lists them" ;;
  esac
done
case $only in both | cpu | gpu) ;; *) fail "--only: '$only' must be cpu or gpu" ;; esac
[[ $rounds =~ ^[0-9]+$ ]] || fail "--rounds: '$rounds' must be a number from 0"
[ -z "$artifacts" ] || [ -d "$artifacts" ] || fail "--maven: '$artifacts' is no folder"

# shellcheck source=scripts/jdk.sh
. "$repo/scripts/jdk.sh"
# shellcheck source=scripts/lib/checks.sh
. "$repo/scripts/lib/checks.sh"
require_jdk

# A line for each thing that is missing.
missing=0
lacks() {
  echo "container-check: $*" >&2
  missing=1
}
[ "$(uname -sm)" = "Linux x86_64" ] || lacks "the images are for Linux on x86_64; this is $(uname -sm)"
[ "$(id -u)" = 0 ] || lacks "it must run as root; start it with sudo"
programs="buildah podman crun unshare mvn"
[ -n "$registry" ] || programs="$programs mmdebstrap cc"
for program in $programs; do
  command -v "$program" >/dev/null ||
    lacks "$program was not found; install it (Debian: apt-get install buildah podman crun util-linux mmdebstrap maven gcc)"
done
for program in jar javac jlink; do
  [ -x "$jdk/bin/$program" ] || lacks "$jdk has no $program; point --jdk at a whole JDK"
done
[ $missing = 0 ] || exit 2

# In a mount namespace of its own, for as long as it runs: storage, mounts and networks end with it.
if [ "${MILLRACE_CONTAINER_CHECK:-}" = '' ]; then
  state=$(mktemp -d)
  # What cleans up after a container that has ended writes there a moment longer.
  trap 'for _ in 1 2 3 4 5; do ! rm -rf "$state" 2>/dev/null || break; sleep 1; done' EXIT
  work=$(mkdir -p "${work:-$state/work}" && readlink -f "${work:-$state/work}")
  printf '[storage]\ndriver = "overlay"\ngraphroot = "%s/storage"\nrunroot = "%s/runroot"\n' "$work" "$state" >"$state/storage.conf"
  printf 'unqualified-search-registries = ["localhost"]\n' >"$state/registries.conf"
  # Limits above the caller's own cannot be set by everybody.
  printf '[containers]\ndefault_ulimits = ["nofile=%s:%s", "nproc=%s:%s"]\ncgroups = "disabled"\n[network]\nnetwork_backend = "netavark"\n' \
    "$(ulimit -n)" "$(ulimit -Hn)" "$(ulimit -u)" "$(ulimit -Hu)" >"$state/containers.conf"
  export CONTAINERS_STORAGE_CONF=$state/storage.conf CONTAINERS_REGISTRIES_CONF=$state/registries.conf
  export CONTAINERS_CONF=$state/containers.conf BUILDAH_ISOLATION=chroot PODMAN_IGNORE_CGROUPSV1_WARNING=1
  MILLRACE_CONTAINER_CHECK=$state unshare -m "$0" "${given[@]}" --work "$work"
  exit
fi
state=$MILLRACE_CONTAINER_CHECK
# crun refuses the first version of cgroups with the second mounted beside it.
umount /sys/fs/cgroup/unified 2>/dev/null || true

# What is written here is read by user 10001.
umask 022

# none_of MISTAKES TEXT: each line of the first is a failure; where there is none, the text holds.
none_of() {
  local line
  [ -n "$1" ] || ok "$2"
  while read -r line; do
    [ -z "$line" ] || bad "${2%%:*}: $line"
  done <<<"$1"
}

# build FILE NAME [OPTION...]
build() {
  local file=$1 name=$2 began
  shift 2
  began=$(now_ms)
  # Docker's format, since the other has no health check.
  if buildah bud --layers --format docker -f "docker/$file" ${artifacts:+-v "$artifacts:/artifacts:ro"} \
    --build-arg "MAVEN_IMAGE=$maven_image" --build-arg "JRE_IMAGE=$jre_image" \
    --build-arg "MILLRACE_REVISION=$revision" ${tensorrt:+--build-arg "TENSORRT_IMAGE=$tensorrt"} "$@" -t "localhost/$name" . >"$state/$name.log" 2>&1; then
    ok "docker/$file builds${*:+ ($*)}: $((($(now_ms) - began) / 1000)) s"
  else
    tail -n 20 "$state/$name.log" >&2
    bad "docker/$file does not build; the lines above say why"
    return 1
  fi
}

check_doctor() {
  local name=$1 said=$state/doctor
  # shellcheck disable=SC2086 # several options
  if podman run --rm --network none $confined --tmpfs /var/cache/millrace:rw,exec,mode=1777 "localhost/$name" doctor >"$said" 2>&1; then
    ok "$name: doctor, as user 10001 without capabilities and network, on a read-only root"
  else
    cat "$said" >&2
    bad "$name: doctor found something; the lines above say what"
  fi
  local line
  line=$(grep 'resize kernel:' "$said" || true)
  case $line in
    *"resized by the native kernel"*) ok "$name: ${line#*resize kernel: }" ;;
    *) bad "$name: doctor names no native kernel: '${line:-no line}'" ;;
  esac
}

# The source changes, and Maven, which works offline there, finds all in a layer that is kept.
check_cache() {
  local changed=$state/changed layers
  mkdir "$changed"
  tar -C "$repo" --exclude=./.git --exclude=./target -cf - . | tar -C "$changed" -xf -
  echo '// changed' >>"$changed/src/main/java/dev/millrace/cli/Millrace.java"
  (cd "$changed" && build Dockerfile changed --target build) || return 0
  layers=$(grep -c 'Using cache' "$state/changed.log" || true)
  if grep -A1 'Nothing.java' "$state/changed.log" | grep -q 'Using cache'; then
    ok "a change of the source leaves $layers layers as they are, with all that Maven downloads"
  else
    bad "a change of the source makes Maven download everything again"
  fi
}

# shellcheck source=scripts/container/bases.sh
. "$repo/scripts/container/bases.sh"
# shellcheck source=scripts/container/image.sh
. "$repo/scripts/container/image.sh"
# shellcheck source=scripts/container/worker.sh
. "$repo/scripts/container/worker.sh"
# shellcheck source=scripts/container/planted.sh
. "$repo/scripts/container/planted.sh"
# shellcheck source=scripts/container/cost.sh
. "$repo/scripts/container/cost.sh"
# shellcheck source=scripts/container/compose.sh
. "$repo/scripts/container/compose.sh"
trap end_all EXIT

cd "$repo"
revision=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
if [ -n "$registry" ]; then
  maven_image=$registry/$(sed -n 's/^ARG MAVEN_IMAGE=//p' docker/Dockerfile)
  jre_image=$registry/$(sed -n 's/^ARG JRE_IMAGE=//p' docker/Dockerfile)
else
  stand_ins
fi
if [ "$only" != gpu ] && build Dockerfile millrace && build Dockerfile millrace-laboratory --target laboratory; then
  check_made millrace "$jre_image" millrace-laboratory
  check_doctor millrace
  check_cache
  [ "$rounds" = 0 ] || check_cost
  if check_start millrace millrace-laboratory; then
    check_ends
    check_cold
    check_planted
  fi
  check_laboratory
  end_all
  check_compose
fi
if [ "$only" != cpu ] && build Dockerfile.gpu millrace-gpu && build Dockerfile.gpu millrace-gpu-laboratory --target laboratory; then
  check_made millrace-gpu "${tensorrt:-$(sed -n 's/^ARG TENSORRT_IMAGE=//p' docker/Dockerfile.gpu)}" millrace-gpu-laboratory
  check_doctor millrace-gpu
  end_all
  # On the CPU, since it is told to.
  check_start millrace-gpu millrace-gpu-laboratory || true
fi
finish
