#!/usr/bin/env bash
# Runs the service of deploy/systemd under a systemd of its own; --help says what for, and with which options.
set -euo pipefail

# shellcheck source=scripts/archive/minimal.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/archive/minimal.sh"

usage() {
  cat <<'END'
usage: sudo scripts/unit-check.sh [OPTION...] [ARCHIVE]
Boots systemd in namespaces of its own, in a minimal Debian with a JDK 25, installs the archive that
"mvn -Prelease -DskipTests verify" makes in /opt/millrace, and runs deploy/systemd/millrace.service with all
of its confinement: a verdict, a stop at work, a crash, a mistake in the configuration. The machine's own
systemd, if it has one, is not asked. Then MemoryDenyWriteExecute=yes and a filter without the system calls
of the network are planted, and must be found.

  ARCHIVE        The archive (default: the newest in target).
  --jdk FOLDER   The JDK 25 that it runs with (default: the one that scripts/millrace finds).
  --root FILE    A root file system with systemd as a tar file, instead of the Debian that mmdebstrap makes.
  -h, --help     Print this and end.

Exit codes: 0 all checks passed, 1 one failed, 2 something is missing or a mistake in the options.
END
}

read_options "unshare nsenter pivot_root ip" "$@"
in_namespaces systemd "$@"

# What docs/install.md says.
mkdir -p "$root/opt/millrace" "$root/etc/millrace"
tar -C "$root/opt/millrace" --strip-components=1 --no-same-owner -xzf "$archive"
cp "$root/opt/millrace/deploy/systemd/millrace.service" "$root/etc/systemd/system/"
configuration "$root/etc/millrace/worker.yaml" /opt/millrace/engines
printf 'AWS_REGION=any\nAWS_ACCESS_KEY_ID=any\nAWS_SECRET_ACCESS_KEY=any\n' >"$root/etc/millrace/environment"
chmod 600 "$root/etc/millrace/environment"
place_for_jdk
# No more than a service needs.
ln -sf /lib/systemd/system/basic.target "$root/etc/systemd/system/default.target"

# systemd as the first process of a namespace, with a root of its own.
cat >"$state/boot" <<'END'
#!/usr/bin/env bash
set -euo pipefail
root=$1 jdk=$2
mount --make-rprivate /
mount --bind "$root" "$root"
mount --bind "$jdk" "$root/usr/lib/jvm/jdk"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir -p "$root/before"
cd "$root"
pivot_root . before
exec chroot . /bin/bash -c 'umount -l /before && rmdir /before
  exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --log-target=console --show-status=0'
END
chmod +x "$state/boot"
unshare -m -p -f --kill-child -u -i -C "$state/boot" "$root" "$jdk" >"$state/systemd" 2>&1 </dev/null &
outer=$!
processes+=("$outer")

# Its number, as this namespace sees it, in $system.
first_process() {
  # No line ends there.
  read -r system _ <"/proc/$outer/task/$outer/children" || [ -n "$system" ]
}
inside() { nsenter -t "$system" -m -p -u -i -C --root env -C / PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
booted() { inside systemctl is-active --quiet basic.target; }
within 50 first_process || fail "systemd was not started: $(tail -n 1 "$state/systemd")"
if ! within 150 booted; then
  cat "$state/systemd" >&2
  fail "systemd does not boot in a namespace here; the lines above are its"
fi

show() { inside systemctl show -P "$1" millrace; }
is() { [ "$(show "$1")" = "$2" ]; }
journal() { inside journalctl -q --no-pager -o cat -u millrace -n "${1:-30}"; }
status() { inside sed -n "s/^$1:\t//p" "/proc/$(show MainPID)/status"; }
millrace() { MILLRACE_TRAIN=no AWS_REGION=any AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any "$repo/scripts/millrace" "$@"; }

# wrong WHAT: with what the service said.
wrong() {
  journal >&2
  bad "$1: $(show ActiveState), $(show Result), exit code $(show ExecMainStatus), restarts $(show NRestarts); the lines above are the service's"
}

check_start() {
  local began
  began=$(now_ms)
  inside systemctl enable --now millrace 2>/dev/null || true
  if ! within 300 ready; then
    wrong "the service is not ready"
    return 1
  fi
  ok "$(inside systemctl --version | head -n 1): ready after $(($(now_ms) - began)) ms, user $(status Uid | cut -f 1), capabilities $(status CapBnd), no new privileges $(status NoNewPrivs), filter $(status Seccomp)"
}

# Messages that one start has most of when it is stopped, and the next one answers.
check_stop() {
  local began took sent=600 before
  urls $sent "$state/urls.txt"
  millrace submit --queue http://127.0.0.1:9324/000000000000/images --tasks safety --callback http://127.0.0.1:9325/results \
    "$state/urls.txt" >"$state/said" 2>&1 || cat "$state/said" >&2
  within 300 has_results 1 || true
  began=$(now_ms)
  inside systemctl stop millrace
  took=$(($(now_ms) - began))
  before=$(results)
  if is Result success && is ExecMainStatus 0 && [ $took -lt 30000 ] && [ "$before" -gt 0 ]; then
    ok "systemctl stop at work: drained in $took ms, exit code 0, $before of $sent answered so far"
  else
    wrong "systemctl stop at work: $took ms, $before of $sent answered"
  fi
  inside systemctl start millrace
  if within 300 has_results $sent; then
    ok "started again, it answers the rest: $(results) of $sent; $(first_result)"
  else
    wrong "started again, it leaves messages: $(results) of $sent are answered"
  fi
  if journal 500 | grep -iE 'not permitted|permission denied' >&2; then
    bad "something was refused; the lines above say what"
  else
    ok "the journal tells of nothing that was refused"
  fi
}

check_crash() {
  local main
  main=$(show MainPID)
  # By a number of its own namespace.
  inside bash -c "kill -SEGV $main"
  started_again() { ! is MainPID "$main" && ready; }
  if within 300 started_again && inside bash -c 'ls /var/lib/millrace/hs_err_pid*.log' >/dev/null; then
    ok "killed by a signal, it is started again (restarts: $(show NRestarts)), and the JVM's report is in /var/lib/millrace"
  else
    wrong "killed by a signal; in /var/lib/millrace is: $(inside ls /var/lib/millrace/ | tr '\n' ' ')"
  fi
  inside systemctl stop millrace
}

check_mistake() {
  inside bash -c "echo 'quue: {}' >>/etc/millrace/worker.yaml"
  inside systemctl start millrace || true
  if within 150 is ActiveState failed && is ExecMainStatus 2 && is NRestarts 0; then
    ok "a mistake in the configuration is final: $(journal 20 | grep -m 1 '^millrace: ')"
  else
    wrong "a mistake in the configuration"
  fi
  inside bash -c "sed -i /quue/d /etc/millrace/worker.yaml"
  inside systemctl reset-failed millrace
}

# planted LINE: with this line of a drop-in the service must not become ready.
planted() {
  inside mkdir -p /run/systemd/system/millrace.service.d
  inside bash -c "printf '[Service]\nRestart=no\n%s\n' '$1' >/run/systemd/system/millrace.service.d/planted.conf"
  inside systemctl daemon-reload
  inside systemctl start millrace 2>/dev/null || true
  if within 150 is ActiveState failed; then
    ok "planted, and found: with $1 it ends: $(show Result), $(journal 20 | grep -v '^#' | grep -m 1 -iE 'permi|error|cannot|fail' | cut -c 1-150)"
  else
    bad "planted, and not found: $1: $(show ActiveState)"
  fi
  inside systemctl stop millrace || true
  inside systemctl reset-failed millrace 2>/dev/null || true
}

start_queue
if check_start; then
  check_stop
  check_crash
  check_mistake
fi
planted MemoryDenyWriteExecute=yes
planted SystemCallFilter=~@network-io
finish
