#!/usr/bin/env bash
# The unit of deploy/systemd, alone and with its drop-in for a GPU, is one that systemd understands and rates as confined,
# and its paths are those of the archive. What a reader would easily break is broken, and must be found.
set -euo pipefail

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if ! command -v systemd-analyze >/dev/null; then
  echo "systemd-test: skipped, since there is no systemd-analyze here (Debian's package systemd)"
  exit
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
  echo "systemd-test: $*" >&2
  exit 1
}

# On systemd's scale, from 0 to 100. The unit has 12.
threshold=13

# unit [SED_SCRIPT]: a copy in $folder/unit, beside a launcher that is there.
unit() {
  rm -rf "$folder/unit"
  mkdir "$folder/unit"
  printf '#!/bin/sh\n' >"$folder/unit/launcher"
  chmod +x "$folder/unit/launcher"
  sed -e "s|/opt/millrace/bin/millrace|$folder/unit/launcher|" -e "${1:-}" "$home/deploy/systemd/millrace.service" >"$folder/unit/millrace.service"
}

# What systemd says of a mistake is on its standard error, and its code is 0 for some of them.
understood() {
  local said
  said=$(systemd-analyze verify --man=no --recursive-errors=no "$folder/unit/millrace.service" 2>&1) || { echo "$said" && return 1; }
  [ -z "$said" ] || { echo "$said" && return 1; }
}

confined() {
  systemd-analyze security --no-pager --offline=true --threshold="$1" "$folder/unit/millrace.service" 2>&1 | tail -n 1
}

unit
understood || fail "systemd does not take the unit"
said=$(confined $threshold) || fail "$said"

# With the devices of a GPU.
mkdir "$folder/unit/millrace.service.d"
cp "$home/deploy/systemd/gpu.conf" "$folder/unit/millrace.service.d/"
understood || fail "systemd does not take the unit with gpu.conf"
said=$(confined 20) || fail "with gpu.conf: $said"
[[ $(systemd-analyze security --no-pager --offline=true "$folder/unit/millrace.service" 2>&1) == *"✗ PrivateDevices="* ]] ||
  fail "gpu.conf is not read"

# misspelt SED_SCRIPT, loose SED_SCRIPT: systemd must object.
misspelt() {
  unit "$1"
  ! cmp -s "$home/deploy/systemd/millrace.service" <(sed "$1" "$home/deploy/systemd/millrace.service") || fail "'$1' changes nothing"
  ! understood >/dev/null || fail "systemd takes the unit with '$1'"
}
loose() {
  unit "$1"
  ! cmp -s "$home/deploy/systemd/millrace.service" <(sed "$1" "$home/deploy/systemd/millrace.service") || fail "'$1' changes nothing"
  ! confined $threshold >/dev/null || fail "the unit is as confined with '$1'"
}
misspelt 's/^ProtectSystem=/ProtectSytem=/'
misspelt 's/^KillSignal=SIGTERM/KillSignal=TERMINATE/'
misspelt 's|^ExecStart=[^ ]*|ExecStart=/opt/nowhere/millrace|'
misspelt 's/^SystemCallFilter=@system-service/SystemCallFilter=@system-services/'
loose '/^CapabilityBoundingSet=/d'
loose '/^DynamicUser=/d'
# DynamicUser implies what is not listed here.
loose '/^ProtectKernelTunables=/d'
loose '/^RestrictAddressFamilies=/d'
loose '/^PrivateDevices=/d'
loose '/^SystemCallFilter=@/d'
loose '/^RestrictNamespaces=/d'

# A JVM compiles at run time, and threads of the worker are nice.
! grep -q '^MemoryDenyWriteExecute=yes' "$home/deploy/systemd/millrace.service" || fail "a JVM does not start with MemoryDenyWriteExecute"

# The example's models are where the archive has them.
sed -n 's|.*bundle: /opt/millrace/\([^}]*\)}|\1|p' "$home/deploy/systemd/worker.yaml" >"$folder/bundles"
[ -s "$folder/bundles" ] || fail "deploy/systemd/worker.yaml names no model of the archive"
while read -r bundle; do
  [ -f "$home/$bundle/model.yaml" ] || fail "deploy/systemd/worker.yaml: there is no $bundle"
done <"$folder/bundles"
echo "systemd-test: ok"
