#!/usr/bin/env bash
# Renders the manifests of deploy/kubernetes and checks them; --help says how, and with which options.
set -euo pipefail

repo=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)

usage() {
  cat <<'END'
usage: scripts/manifests-check.sh [OPTION...] [FOLDER...]
Renders each FOLDER with kustomize and checks what comes out, without a cluster: every field and value by
the types of Kubernetes, KEDA and Prometheus' operator, and that selectors, names and ports lead somewhere.
With no FOLDER it does so for the overlays of deploy/kubernetes and for each of its components, then plants
mistakes in one of them and wants each found.

  --work FOLDER   Where npm installs the types, and where the rendered files are (default: target/manifests).
  -h, --help      Print this and end.

Needs kustomize or kubectl, and node 18 with npm, which downloads the types once; where one is missing it says
so and skips. Exit codes: 0 all checks passed or were skipped, 1 one failed, 2 a mistake in the options.
END
}

fail() {
  echo "manifests-check: $*" >&2
  exit 2
}

skip() {
  echo "skip  the manifests are not checked: $*"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
}

work=$repo/target/manifests folders=()
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help)
      usage
      exit
      ;;
    --work)
      [ $# -gt 1 ] || fail "$1: needs a folder; --help lists the options"
      work=$2
      shift 2
      ;;
    -*) fail "'$1' is no option; --help lists them" ;;
    *)
      [ -d "$1" ] || fail "'$1' is no folder; name one with a kustomization.yaml"
      folders+=("$1")
      shift
      ;;
  esac
done

if command -v kustomize >/dev/null; then
  render() { kustomize build "$1"; }
elif command -v kubectl >/dev/null; then
  render() { kubectl kustomize "$1"; }
else
  skip "neither kustomize nor kubectl was found (Debian: apt-get install kustomize)"
fi
command -v node >/dev/null || skip "node was not found (Debian: apt-get install nodejs npm)"
command -v npm >/dev/null || skip "npm was not found (Debian: apt-get install npm)"

work=$(mkdir -p "$work" && readlink -f "$work")
if ! cmp -s "$repo/scripts/manifests/package-lock.json" "$work/package-lock.json" || [ ! -d "$work/node_modules" ]; then
  cp "$repo"/scripts/manifests/package*.json "$work/"
  (cd "$work" && npm ci --prefer-offline --no-audit --no-fund --ignore-scripts) >"$work/npm.log" 2>&1 || {
    rm -rf "$work/node_modules"
    skip "npm did not install the types; $work/npm.log says why"
  }
fi
# Beside the packages, since node looks for them where a module is.
cp "$repo/scripts/manifests/check.mjs" "$work/"

rm -rf "$work/rendered" "$work/alone"
mkdir "$work/rendered" "$work/alone"

# Each component alone, on workers for a CPU.
if [ ${#folders[@]} = 0 ]; then
  here=$repo/deploy/kubernetes
  folders=("$here"/overlays/*/)
  for component in "$here"/components/*/; do
    alone=$work/alone/with-$(basename "$component")
    mkdir "$alone"
    printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [%s]\ncomponents: [%s]\n' \
      "$(realpath --relative-to "$alone" "$here/overlays/cpu")" "$(realpath --relative-to "$alone" "$component")" >"$alone/kustomization.yaml"
    folders+=("$alone")
  done
fi

files=() broken=0
for folder in "${folders[@]}"; do
  name=$(basename "$(readlink -f "$folder")")
  if render "$folder" >"$work/rendered/$name.yaml" 2>"$work/rendered/$name.log"; then
    files+=("$work/rendered/$name.yaml")
  else
    tail -n 5 "$work/rendered/$name.log" >&2
    echo "FAIL  $name: kustomize does not render it; the lines above say why"
    broken=$((broken + 1))
  fi
done
cd "$work"
exec node check.mjs "$broken" "${files[@]}"
