#!/usr/bin/env bash
# Builds the plan of a bundle in a container, for whoever has a GPU and Docker but no JDK.
set -euo pipefail

image=${MILLRACE_IMAGE:-millrace-gpu}

fail() {
  echo "build-engine: $*" >&2
  exit 2
}

case "${1:-}" in
  -h | --help)
    cat <<EOF
usage: scripts/build-engine.sh BUNDLE [OPTION...]

Builds the plan of a bundle in a container, for whoever has a GPU and Docker or Podman but no JDK. The
plan goes into BUNDLE/plans/, where a worker looks first. The options are those of millrace engine build,
such as --max-batch 32. MILLRACE_IMAGE names the image (default: millrace-gpu).

Exit codes: those of millrace engine build; 2 also where BUNDLE is no bundle or there is no container
engine.
EOF
    exit
    ;;
esac
[ $# -ge 1 ] || fail "name a bundle: scripts/build-engine.sh engines/safety [--max-batch 32]"
[ -f "$1/model.yaml" ] || fail "'$1' is not a bundle; give a folder with model.onnx and model.yaml"
bundle=$(cd "$1" && pwd)
shift

for engine in docker podman; do
  command -v "$engine" >/dev/null && break
  engine=
done
[ -n "$engine" ] || fail "neither docker nor podman was found; install one, or run scripts/millrace engine build"

name=$(basename "$bundle")
mkdir -p "$bundle/plans"

# The bundle keeps its name inside, since models are called like their folders.
exec "$engine" run --rm --gpus all --user "$(id -u):$(id -g)" \
  -e MILLRACE_CACHE=/tmp/millrace -v "$bundle:/bundles/$name" "$image" \
  engine build "/bundles/$name" --out "/bundles/$name/plans/model.plan" "$@"
