#!/usr/bin/env bash
# Builds docker/Dockerfile.gpu (or another: DOCKERFILE) on stand-ins of its bases, and runs doctor in it:
# container-gpu-check.sh WORK [DOCKERFILE]. For a machine without an image registry and without a GPU: a Debian with
# the JDK of JAVA_HOME and Maven stands for theirs, one with empty libraries of TensorRT's names for NVIDIA's.
# Needs root, a network for Debian's packages, Maven and buildah, podman, crun, mmdebstrap, cc. Not part of the build.
set -euo pipefail

repo=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)
work=$(mkdir -p "${1:?a folder to work in}" && readlink -f "$1")
file=${2:-docker/Dockerfile.gpu}
if [ "${IN_NAMESPACE:-}" != 1 ]; then
  printf '[storage]\ndriver = "overlay"\ngraphroot = "%s/storage"\nrunroot = "%s/runroot"\n' "$work" "$work" >"$work/storage.conf"
  printf 'unqualified-search-registries = ["localhost"]\n' >"$work/registries.conf"
  # Limits above the caller's own cannot be set by everybody.
  printf '[containers]\ndefault_ulimits = ["nofile=%s:%s", "nproc=%s:%s"]\ncgroups = "disabled"\n' \
    "$(ulimit -n)" "$(ulimit -Hn)" "$(ulimit -u)" "$(ulimit -Hu)" >"$work/containers.conf"
  IN_NAMESPACE=1 CONTAINERS_STORAGE_CONF=$work/storage.conf CONTAINERS_REGISTRIES_CONF=$work/registries.conf \
    CONTAINERS_CONF=$work/containers.conf BUILDAH_ISOLATION=chroot PODMAN_IGNORE_CGROUPSV1_WARNING=1 \
    exec unshare -m "$0" "$work" "$file"
fi
# crun refuses the first version of cgroups with the second mounted beside it.
umount /sys/fs/cgroup/unified 2>/dev/null || true

mkdir -p "$work/context"
cd "$work/context"
jdk=${JAVA_HOME:?a JDK 25 with jlink}
[ -f debian.tar ] || mmdebstrap --quiet --variant=minbase --include=ca-certificates trixie debian.tar
[ -d jdk ] || cp -aL "$jdk" jdk
[ -d maven ] || cp -aL "$(mvn -v | sed -n 's/^Maven home: //p')" maven
[ -d jre ] || "$jdk/bin/jlink" --strip-debug --no-header-files --no-man-pages --output jre \
  --add-modules java.se,jdk.crypto.ec,jdk.httpserver,jdk.jfr,jdk.management,jdk.net,jdk.unsupported,jdk.zipfs
for name in nvinfer nvinfer_plugin nvonnxparser; do
  cc -shared -nostdlib -Wl,-soname,"lib$name.so.10" -o "lib$name.so.10.15.1" -x c /dev/null
done
java='ENV JAVA_HOME=/opt/java/openjdk PATH=/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
image() { buildah bud -q --layers --format docker -f - -t "localhost/$1" . >/dev/null; }
printf 'FROM scratch\nADD debian.tar /\n' | image debian:standin
printf 'FROM debian:standin\nCOPY jre /opt/java/openjdk\n%s\n' "$java" | image eclipse-temurin:25-jre
printf 'FROM debian:standin\nCOPY jdk /opt/java/openjdk\nCOPY maven /opt/maven\n%s\nRUN ln -s /opt/maven/bin/mvn /usr/bin/mvn\n' \
  "$java" | image maven:3.9-eclipse-temurin-25
printf 'FROM debian:standin\nCOPY *.so.10.15.1 /usr/lib/x86_64-linux-gnu/\nRUN ldconfig\n' | image tensorrt:standin

cd "$repo"
buildah bud --layers --format docker -f "$file" --build-arg TENSORRT_IMAGE=localhost/tensorrt:standin \
  -v "${MAVEN_REPOSITORY:-$HOME/.m2}:/root/.m2" -t millrace-standin . >"$work/build.log" 2>&1 ||
  { tail -n 20 "$work/build.log"; exit 1; }
podman run --rm --network none --read-only --tmpfs /tmp:rw,exec,mode=1777 --tmpfs /var/cache/millrace:rw,exec,mode=1777 \
  --cap-drop all --security-opt no-new-privileges millrace-standin doctor
