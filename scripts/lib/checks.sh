# What the check scripts share: a line for each thing that was checked, and how many held. For them to source.
# shellcheck shell=bash

passed=0 failed=0
ok() {
  echo "ok    $*"
  passed=$((passed + 1))
}
bad() {
  echo "FAIL  $*"
  failed=$((failed + 1))
}
skip() { echo "skip  $*"; }
# Says how many held; the script's last command, since it fails where one did.
finish() {
  echo "$passed passed, $failed failed"
  [ $failed = 0 ]
}
now_ms() { echo $(($(date +%s%N) / 1000000)); }
