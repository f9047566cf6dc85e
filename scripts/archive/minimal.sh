# What the checks of the archive share: a minimal Debian with a JDK and the archive, in namespaces of their own, and the
# laboratory's queue beside it. For scripts/archive-check.sh and scripts/unit-check.sh to source, which have a function "usage".
# shellcheck shell=bash

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
check=$(basename "$0" .sh)
# shellcheck source=scripts/jdk.sh
. "$repo/scripts/jdk.sh"
# shellcheck source=scripts/lib/checks.sh
. "$repo/scripts/lib/checks.sh"

fail() {
  echo "$check: $*" >&2
  exit 2
}

# The options, in $archive and $base. read_options PROGRAMS ARGUMENT...: PROGRAMS are needed.
read_options() {
  local programs=$1 program one
  shift
  archive='' base=''
  while [ $# -gt 0 ]; do
    case $1 in
      -h | --help)
        usage
        exit
        ;;
      --jdk | --root)
        [ $# -gt 1 ] || fail "$1: needs a value; --help lists the options"
        case $1 in
          --jdk) export JAVA_HOME=$2 ;;
          --root) base=$2 ;;
        esac
        shift 2
        ;;
      -*) fail "'$1' is no option; --help lists them" ;;
      *)
        [ -z "$archive" ] || fail "give one archive at most"
        archive=$1
        shift
        ;;
    esac
  done
  require_jdk
  if [ -z "$archive" ]; then
    for one in "$repo"/target/millrace-*-linux-x86_64.tar.gz; do
      [ -n "$archive" ] && [ "$archive" -nt "$one" ] || archive=$one
    done
  fi
  [ -f "$archive" ] || fail "there is no archive '$archive'; mvn -Prelease -DskipTests verify makes it"
  [ -z "$base" ] || [ -f "$base" ] || fail "--root: '$base' is no file"
  [ "$(id -u)" = 0 ] || fail "it must run as root, for namespaces and other users; start it with sudo"
  [ -n "$base" ] || programs="$programs mmdebstrap"
  for program in $programs; do
    command -v "$program" >/dev/null ||
      fail "$program was not found; install it (Debian: apt-get install util-linux iproute2 mmdebstrap)"
  done
}

# Starts the script again in mounts and a network of its own, which end with it, and makes its root before; returns there, with
# folders $state and $root. in_namespaces INCLUDE ARGUMENT...: INCLUDE are packages of Debian's beside the minimum.
in_namespaces() {
  local include=$1 code=0
  shift
  if [ -n "${MILLRACE_CHECK_STATE:-}" ]; then
    state=$MILLRACE_CHECK_STATE
    root=$state/root
    ip link set lo up
    trap end_all EXIT
    return
  fi
  state=$(mktemp -d)
  trap 'rm -rf --one-file-system "$state"' EXIT
  # Builds the laboratory, whose queue is used, where it is not built.
  MILLRACE_TRAIN=no "$repo/scripts/millrace" --version >/dev/null
  mkdir "$state/root"
  if [ -z "$base" ]; then
    base=$state/root.tar
    mmdebstrap --quiet --variant=minbase ${include:+--include="$include"} trixie "$base"
  fi
  tar -C "$state/root" -xf "$base"
  MILLRACE_CHECK_STATE=$state unshare -m -n "$0" "$@" || code=$?
  exit $code
}

processes=()
end_all() {
  local process
  for process in "${processes[@]}"; do
    kill -9 "$process" 2>/dev/null || true
  done
}

# within TRIES COMMAND [ARGUMENT...]: whether it succeeds, tried each fifth of a second.
within() {
  local tries=$1 try
  shift
  for ((try = 0; try < tries; try++)); do
    ! "$@" 2>/dev/null || return 0
    sleep 0.2
  done
  return 1
}

# A folder for the JDK, and the certificates that it may have by a link.
place_for_jdk() {
  local authorities
  mkdir -p "$root/usr/lib/jvm/jdk"
  authorities=$(readlink -f "$jdk/lib/security/cacerts" || true)
  if [ -f "$authorities" ] && [ ! -e "$root$authorities" ]; then
    mkdir -p "$(dirname "$root$authorities")"
    cp "$authorities" "$root$authorities"
  fi
}

# configuration FILE ENGINES: a worker's, between the laboratory's queue, image host and sink.
configuration() {
  cat >"$1" <<END
queue: {url: "http://127.0.0.1:9324/000000000000/images"}
device: {type: host}
models:
  - {task: safety, bundle: "$2/safety"}
fetch: {allowAddresses: [127.0.0.0/8]}
callback: {allowAddresses: [127.0.0.0/8]}
drain: {spot: false}
http: {port: 9400}
END
  chmod 644 "$1"
}

start_queue() {
  MILLRACE_TRAIN=no "$repo/scripts/millrace" queue >"$state/queue" 2>&1 &
  processes+=($!)
  within 150 grep -q '^results' "$state/queue" || fail "the laboratory's queue does not start: $(tail -n 1 "$state/queue")"
}

# urls COUNT FILE
urls() {
  local i
  for ((i = 0; i < $1; i++)); do
    echo "http://127.0.0.1:9325/photos/photo-512x512-astronaut.jpg"
  done >"$2"
}

ready() (
  exec 3<>/dev/tcp/127.0.0.1/9400
  printf 'GET /v2/health/ready HTTP/1.0\r\n\r\n' >&3
  read -r _ code _ <&3
  [ "$code" = 200 ]
)
results() { grep -c ' safety: ' "$state/queue" || true; }
has_results() { [ "$(results)" -ge "$1" ]; }
first_result() { grep -m 1 '^photo.* safety: ' "$state/queue"; }
