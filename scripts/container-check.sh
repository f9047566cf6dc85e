#!/usr/bin/env bash
# Builds the images of docker/ and checks them; --help says what for, and with which options.
set -euo pipefail

repo=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)

usage() {
  cat <<'END'
usage: scripts/container-check.sh [OPTION...]
Builds the images of docker/Dockerfile and docker/Dockerfile.gpu and checks them: the native kernel, the cost
of decoding inside and outside, the health check, a read-only root, the stop of an idle worker. Needs no
container daemon. Without --registry it needs no registry either: the bases are stand-ins, made of Debian's
packages, your JDK and your Maven, and NVIDIA's is one with empty libraries of TensorRT's names.

  --jdk FOLDER        The JDK 25, with jlink, of the stand-ins and of what is measured outside (default: the
                      one that scripts/millrace finds).
  --registry HOST     Take the bases from this registry instead, such as docker.io/library.
  --tensorrt IMAGE    NVIDIA's base, with --registry (default: the one in docker/Dockerfile.gpu).
  --maven FOLDER      A folder with artifacts from which the image's Maven copies instead of downloading, such
                      as ~/.m2/repository (default: it downloads).
  --suite NAME        Debian's release of the stand-ins (default: trixie).
  --work FOLDER       Keep bases and layers here for the next run (default: a temporary folder, which is
                      deleted).
  --rounds N          How often inside and outside are measured, in turns (default: 6).
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
[[ $rounds =~ ^[1-9][0-9]*$ ]] || fail "--rounds: '$rounds' must be a number from 1"
[ -z "$artifacts" ] || [ -d "$artifacts" ] || fail "--maven: '$artifacts' is no folder"

# shellcheck source=scripts/jdk.sh
. "$repo/scripts/jdk.sh"
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
for program in javac jlink; do
  [ -x "$jdk/bin/$program" ] || lacks "$jdk has no $program; point --jdk at a whole JDK"
done
[ $missing = 0 ] || exit 2

# In a mount namespace of its own, for as long as it runs: storage, mounts and networks end with it.
if [ "${MILLRACE_CONTAINER_CHECK:-}" = '' ]; then
  state=$(mktemp -d)
  trap 'rm -rf "$state"' EXIT
  work=$(mkdir -p "${work:-$state/work}" && readlink -f "${work:-$state/work}")
  printf '[storage]\ndriver = "overlay"\ngraphroot = "%s/storage"\nrunroot = "%s/runroot"\n' "$work" "$state" >"$state/storage.conf"
  printf 'unqualified-search-registries = ["localhost"]\n' >"$state/registries.conf"
  # Limits above the caller's own cannot be set by everybody.
  printf '[containers]\ndefault_ulimits = ["nofile=%s:%s", "nproc=%s:%s"]\ncgroups = "disabled"\n' \
    "$(ulimit -n)" "$(ulimit -Hn)" "$(ulimit -u)" "$(ulimit -Hu)" >"$state/containers.conf"
  export CONTAINERS_STORAGE_CONF=$state/storage.conf CONTAINERS_REGISTRIES_CONF=$state/registries.conf
  export CONTAINERS_CONF=$state/containers.conf BUILDAH_ISOLATION=chroot PODMAN_IGNORE_CGROUPSV1_WARNING=1
  MILLRACE_CONTAINER_CHECK=$state unshare -m "$0" "${given[@]}" --work "$work"
  exit
fi
state=$MILLRACE_CONTAINER_CHECK
# crun refuses the first version of cgroups with the second mounted beside it.
umount /sys/fs/cgroup/unified 2>/dev/null || true

passed=0 failed=0
ok() {
  echo "ok    $*"
  passed=$((passed + 1))
}
bad() {
  echo "FAIL  $*"
  failed=$((failed + 1))
}
now_ms() { echo $(($(date +%s%N) / 1000000)); }

# The bases, in $maven_image, $jre_image and $tensorrt.
stand_ins() {
  mkdir -p "$work/context"
  cd "$work/context"
  [ -f "debian-$suite.tar" ] || mmdebstrap --quiet --variant=minbase --include=ca-certificates "$suite" "debian-$suite.tar"
  cmp -s "$jdk/release" jdk/release || { rm -rf jdk jre && cp -aL "$jdk" jdk; }
  [ -d maven ] || cp -aL "$(mvn -v | sed -n 's/^.*Maven home: //p')" maven
  [ -d jre ] || "$jdk/bin/jlink" --strip-debug --no-header-files --no-man-pages --output jre \
    --add-modules java.se,jdk.crypto.ec,jdk.httpserver,jdk.jfr,jdk.management,jdk.net,jdk.unsupported,jdk.zipfs
  for name in nvinfer nvinfer_plugin nvonnxparser; do
    cc -shared -nostdlib -Wl,-soname,"lib$name.so.10" -o "lib$name.so.10.15.1" -x c /dev/null
  done
  # Where Maven copies from, if it does not download.
  printf '<settings><mirrors><mirror><id>artifacts</id><mirrorOf>*</mirrorOf><url>file:///artifacts</url></mirror></mirrors></settings>\n' >settings.xml
  local java='ENV JAVA_HOME=/opt/java/openjdk PATH=/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  printf 'FROM scratch\nADD debian-%s.tar /\n' "$suite" | image debian
  printf 'FROM localhost/debian:standin\nCOPY jre /opt/java/openjdk\n%s\n' "$java" | image jre
  printf 'FROM localhost/debian:standin\nCOPY jdk /opt/java/openjdk\nCOPY maven /opt/maven\n%s\nRUN ln -s /opt/maven/bin/mvn /usr/bin/mvn\n%s\n' \
    "$java" "${artifacts:+COPY settings.xml /root/.m2/settings.xml}" | image maven
  printf 'FROM localhost/debian:standin\nCOPY *.so.10.15.1 /usr/lib/x86_64-linux-gnu/\nRUN ldconfig\n' | image tensorrt
  maven_image=localhost/maven:standin jre_image=localhost/jre:standin tensorrt=localhost/tensorrt:standin
  cd "$repo"
}

image() { buildah bud -q --layers --format docker -f - -t "localhost/$1:standin" "$work/context" >/dev/null; }

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

# As an operator confines it: run NAME IMAGE NETWORK [OPTION...] -- [ARGUMENT...]
confined="--read-only --tmpfs /tmp:rw,exec,mode=1777 --cap-drop all --security-opt no-new-privileges"

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

# CPU time of a photo, inside and outside in turns; the medians of the ratios are within 5 %.
check_cost() {
  local classes=$state/classes lib=$repo/target/lib jar=$repo/target/millrace.jar
  # Builds it where it is not built.
  MILLRACE_TRAIN=no "$repo/scripts/millrace" --version >/dev/null
  mkdir -p "$classes"
  (cd "$repo/src/bench/java/dev/millrace/preprocess" &&
    "$jdk/bin/javac" -proc:none -d "$classes" -cp "$jar:$(jars_of "$lib")" \
      PreprocessCost.java DecodeFloor.java Floor.java OpenCvPath.java Target.java WebPhotos.java)
  local flags round
  flags="$(flags_of "$repo/pom.xml") -Xmx384m"
  : >"$state/cost"
  # shellcheck disable=SC2086 # several flags
  outside() { MALLOC_ARENA_MAX=2 "$jdk/bin/java" $flags -cp "$classes:$jar:$(jars_of "$lib")" dev.millrace.preprocess.PreprocessCost; }
  # shellcheck disable=SC2086
  inside() {
    podman run --rm --network none $confined -e MALLOC_ARENA_MAX=2 -v "$classes:/classes:ro" --entrypoint java \
      localhost/millrace $flags -cp '/classes:/app/target/millrace.jar:/app/target/lib/*' dev.millrace.preprocess.PreprocessCost
  }
  for round in $(seq "$rounds"); do
    # Who is first takes turns as well.
    if [ $((round % 2)) = 1 ]; then
      echo "outside $(outside)" >>"$state/cost"
      echo "inside $(inside)" >>"$state/cost"
    else
      echo "inside $(inside)" >>"$state/cost"
      echo "outside $(outside)" >>"$state/cost"
    fi
  done
  if awk -F '[ =]' -v most=0.05 '
    function median(list, n,   i, j, t) {
      for (i = 2; i <= n; i++) for (j = i; j > 1 && list[j] < list[j - 1]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
      return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
    }
    { n[$1]++; floor[$1, n[$1]] = $3; worker[$1, n[$1]] = $5 }
    END {
      rounds = n["inside"]
      for (i = 1; i <= rounds; i++) {
        f[i] = floor["inside", i] / floor["outside", i]; w[i] = worker["inside", i] / worker["outside", i]
        of[i] = worker["inside", i] / floor["inside", i]; a[i] = floor["inside", i]; b[i] = floor["outside", i]
      }
      mf = median(f, rounds); mw = median(w, rounds)
      printf "decode: %.3f CPU-ms a photo inside, %.3f outside, ratio %.3f (%.3f to %.3f); decode and resize: ratio %.3f (%.3f to %.3f), %.2f of decoding; %d rounds\n",
        median(a, rounds), median(b, rounds), mf, f[1], f[rounds], mw, w[1], w[rounds], median(of, rounds), rounds
      exit !(mf < 1 + most && mf > 1 - most && mw < 1 + most && mw > 1 - most)
    }' "$state/cost" >"$state/cost.line"; then
    ok "$(cat "$state/cost.line")"
  else
    bad "$(cat "$state/cost.line")"
  fi
}

end_all() { podman rm -f -t 0 -a >/dev/null 2>&1 || true; }
trap end_all EXIT

# A queue of the laboratory's in the stage that trains, and the worker beside it in its network, which no other has.
check_worker() {
  local health began took code
  podman run -d --name queue --network none --entrypoint scripts/millrace localhost/millrace-train queue >/dev/null
  for _ in $(seq 100); do
    ! podman logs queue 2>/dev/null | grep -q '^queue ' || break
    sleep 0.3
  done
  cat >"$state/worker.yaml" <<'END'
queue:
  url: http://127.0.0.1:9324/000000000000/images
device: {type: host}
models:
  - {task: safety, bundle: /app/engines/safety}
fetch: {allowAddresses: [127.0.0.0/8]}
callback: {allowAddresses: [127.0.0.0/8]}
drain: {spot: false}
http: {port: 9400}
END
  chmod 644 "$state/worker.yaml"
  # shellcheck disable=SC2086
  podman run -d --name worker --network container:queue $confined -e AWS_REGION=any -e AWS_ACCESS_KEY_ID=any -e AWS_SECRET_ACCESS_KEY=any \
    -v "$state/worker.yaml:/etc/millrace/worker.yaml:ro" localhost/millrace >/dev/null
  began=$(now_ms)
  health=1
  for _ in $(seq 200); do
    if podman healthcheck run worker >/dev/null 2>&1; then
      health=0
      break
    fi
    sleep 0.3
  done
  if [ $health != 0 ]; then
    podman logs worker 2>&1 | tail -n 20 >&2
    bad "the image's health check never passed; the lines above are the worker's"
    return
  fi
  ok "the image's health check passes after $(($(now_ms) - began)) ms, on a read-only root"
  # shellcheck disable=SC2086
  podman run --rm --network container:queue $confined -e AWS_REGION=any -e AWS_ACCESS_KEY_ID=any -e AWS_SECRET_ACCESS_KEY=any \
    localhost/millrace submit --queue http://127.0.0.1:9324/000000000000/images --tasks safety \
    --callback "$(podman logs queue | sed -n 's/^results  *\([^ ]*\).*/\1/p')" \
    "$(podman logs queue | sed -n 's/^images  *\([^ ]*\).*/\1/p')photo-512x512-astronaut.jpg" >/dev/null 2>"$state/submit" ||
    cat "$state/submit" >&2
  for _ in $(seq 100); do
    ! podman logs queue 2>/dev/null | grep -q '^photo-512x512-astronaut.jpg .*safety' || break
    sleep 0.2
  done
  if podman logs queue 2>/dev/null | grep -q '^photo-512x512-astronaut.jpg .*safety'; then
    ok "an image that was submitted has a verdict"
  else
    bad "an image that was submitted has no verdict"
  fi
  # Idle by now, with its poll open.
  sleep 3
  began=$(now_ms)
  podman stop -t 10 worker >/dev/null 2>&1
  took=$(($(now_ms) - began))
  code=$(podman inspect worker --format '{{.State.ExitCode}}')
  if [ "$code" = 0 ] && [ $took -lt 10000 ]; then
    ok "an idle worker ends $took ms after SIGTERM, with exit code 0; Docker waits for 10000"
  else
    bad "an idle worker took $took ms and ended with exit code $code; Docker kills after 10000 ms"
  fi
}

cd "$repo"
revision=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
if [ -n "$registry" ]; then
  maven_image=$registry/$(sed -n 's/^ARG MAVEN_IMAGE=//p' docker/Dockerfile)
  jre_image=$registry/$(sed -n 's/^ARG JRE_IMAGE=//p' docker/Dockerfile)
else
  stand_ins
fi
if [ "$only" != gpu ] && build Dockerfile millrace; then
  check_doctor millrace
  check_cache
  check_cost
  build Dockerfile millrace-train --target train && check_worker
fi
if [ "$only" != cpu ] && build Dockerfile.gpu millrace-gpu; then
  check_doctor millrace-gpu
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
