#!/usr/bin/env bash
# Makes a folder with which a GPU host without a network, a JDK or TensorRT runs Millrace.
set -euo pipefail

home=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
work=$home/target/gpu-bundle
out=$work/millrace
parts=
part_size=60M
level=12
libraries="cudart nvrtc nvinfer ptx nvonnxparser"
others="engines tests"
all_libraries="$libraries nvinfer_plugin nvinfer_vc_plugin nvjpeg"

usage() {
  cat <<EOF
usage: scripts/gpu-bundle.sh [OPTION...]

Makes a self-contained folder: a Java runtime, Millrace, its models and photos, the libraries of
TensorRT and CUDA, the check for a GPU host. Needs Maven, a JDK 25 and, the first time, a network.

  --out DIR         make this folder, whose last name must be millrace
                    (default: target/gpu-bundle/millrace)
  --parts           compress the folder as well, and split it into DIR-parts, with checksums and join.sh
  --part-size SIZE  largest size of a part, as split(1) takes it (default: $part_size)
  --level N         compression level of zstd, 1 to 19 (default: $level; 19 saves little and takes
                    twenty times as long)
  --with LIST       add these pieces, separated by commas (default: none; see below)
  --without LIST    leave these pieces out, separated by commas (default: none)
  --help            show this text

Exit codes: 0 made; 2 a mistake in the options, or something that is needed is missing.

Pieces, those of the default first:
  cudart            the CUDA runtime (0.8 MB)
  nvrtc             CUDA's run-time compiler (119 MB); leave it out where the host has it
  nvinfer           TensorRT (641 MB); leave it out where the host has 10.15.1
  ptx               the kernels to build plans with on sm_80 and above (239 MB); running a plan
                    built elsewhere should need none
  nvonnxparser      reads ONNX to build plans (5 MB)
  engines           the models of the checkout
  tests             the device contract test and JUnit
  nvinfer_plugin    TensorRT's plugins (44 MB), for models that need one
  nvinfer_vc_plugin plugins of version-compatible plans (1 MB)
  nvjpeg            JPEG decoding on the GPU (6 MB); nothing uses it yet

Libraries that the Java presets load and TensorRT does without (cuBLAS, cuDNN, the plugins) need not be
there: the jar brings empty ones, which CMake and g++ make.
EOF
}

fail() {
  echo "gpu-bundle: $*" >&2
  exit 2
}

say() {
  echo "gpu-bundle: $*" >&2
}

with=
without=
while [ $# -gt 0 ]; do
  case $1 in
    --parts) parts=yes ;;
    --out | --part-size | --level | --with | --without)
      [ $# -ge 2 ] || fail "$1 needs a value; see --help"
      case $1 in
        --out) out=$2 ;;
        --part-size) part_size=$2 ;;
        --level) level=$2 ;;
        --with) with+=" ${2//,/ }" ;;
        --without) without+=" ${2//,/ }" ;;
      esac
      shift
      ;;
    -h | --help)
      usage
      exit
      ;;
    *) fail "there is no option $1; see --help" ;;
  esac
  shift
done

among() { [[ " $2 " == *" $1 "* ]]; }

for name in $with $without; do
  among "$name" "$all_libraries $others" ||
    fail "'$name' is not a piece; the pieces are: ${all_libraries// /, }, ${others// /, }"
done
chosen=
for name in $all_libraries $others; do
  among "$name" "$without" || ! among "$name" "$libraries $others $with" || chosen+=" $name"
done
[[ "$level" =~ ^([1-9]|1[0-9])$ ]] || fail "--level: '$level' is not a whole number from 1 to 19"
out=${out%/}
[ "${out##*/}" = millrace ] || fail "--out: '$out' must end in /millrace, the name that join.sh gives the folder"
mkdir -p "$out" "$work" || fail "--out: '$out' cannot be made; name another folder"
out=$(cd "$out" && pwd)
[ -z "$(ls -A "$out")" ] || [ -f "$out/CONTENTS" ] ||
  fail "--out: '$out' is not empty and not an earlier bundle; choose another folder"
[ "$(uname -sm)" = "Linux x86_64" ] || fail "this machine is not Linux on x86-64; make the bundle on such a machine"

# shellcheck source=scripts/jdk.sh
. "$home/scripts/jdk.sh"
require_jdk
for tool in mvn tar split sha256sum; do
  command -v "$tool" >/dev/null || fail "$tool was not found; install it and start again"
done

property() {
  local value
  value=$(sed -n "s|.*<$1>\(.*\)</$1>.*|\1|p" "$home/pom.xml")
  # shellcheck disable=SC2016 # the pom says it so
  [ "$1" = javacpp.version ] || value=${value/'${javacpp.version}'/$(property javacpp.version)}
  echo "$value"
}

maven() {
  (cd "$home" && JAVA_HOME=$jdk MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow" \
    mvn -q -B -ntp "$@") || fail "Maven failed; the lines above say why"
}

# An artifact of Maven Central as a file in $work/download.
fetch() {
  maven org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy -Dartifact="$1" \
    -DoutputDirectory="$work/download" -Dmdep.overWriteReleases=false
}

# fetch_libraries ARTIFACT: its libraries in $work/libraries, once.
fetch_libraries() {
  local stamp unpacked
  stamp=$work/libraries/.${1//[:\/]/_}
  [ ! -f "$stamp" ] || return 0
  say "fetching $1"
  rm -rf "$work/download" "$work/unpacked"
  fetch "$1"
  unpacked=$work/unpacked
  mkdir -p "$unpacked" "$work/libraries"
  (cd "$unpacked" && "$jdk/bin/jar" xf "$work"/download/*.jar)
  # The others are large: cuFFT, cuRAND, the linker.
  find "$unpacked" \( -name 'libnv[!J]*.so*' -o -name 'libcudart.so*' \) -exec mv -f {} "$work/libraries/" \;
  rm -rf "$work/download" "$unpacked"
  touch "$stamp"
}

# Without headers, and stored, which compresses better as a whole and needs no inflating at start. The build has
# left the natives of other systems out.
stored_jar() {
  local jar=$1 kept=$work/jars/${1##*/} unpacked=$work/unpacked
  if [ ! "$kept" -nt "$jar" ]; then
    rm -rf "$unpacked"
    mkdir -p "$unpacked" "$work/jars"
    (cd "$unpacked" && "$jdk/bin/jar" xf "$jar")
    rm -rf "$unpacked"/org/bytedeco/*/linux-x86_64/include
    "$jdk/bin/jar" cf0M "$kept.new" -C "$unpacked" .
    mv "$kept.new" "$kept"
    rm -rf "$unpacked"
  fi
  cp "$kept" "$out/lib/"
}

# A run that breaks off leaves this, and the next one knows the folder by it.
echo "unfinished" >"$out/CONTENTS"
say "building Millrace"
maven -DskipTests -Dspotless.check.skip=true package
rm -rf "${out:?}"/{bin,lib,test,gpu,gpu-stubs,engines,scripts,cache}
mkdir -p "$out"/{bin,lib,gpu,scripts}
cp "$home"/scripts/bundle/{jvm,millrace} "$out/bin/"
cp "$home/scripts/gpu-check.sh" "$out/scripts/"
cp "$home/LICENSE" "$out/"
cp "$home/scripts/jdk.sh" "$out/lib/"
flags_of "$home/pom.xml" >"$out/lib/jvm.flags"
cp "$home/target/millrace.jar" "$home/target/millrace-lab.jar" "$out/lib/"
"$jdk/bin/jar" tf "$out/lib/millrace.jar" | grep -q /stubs/ ||
  say "no CMake or g++: the host must have cuBLAS 13, NVRTC 13, cuDNN 9 and TensorRT's plugins"
for jar in "$home"/target/lib/*.jar "$home"/target/lib-lab/*.jar; do
  if [ "$(stat -c %s "$jar")" -gt 1000000 ]; then
    stored_jar "$jar"
  else
    cp "$jar" "$out/lib/"
  fi
done
! among engines "$chosen" || cp -R "$home/engines" "$out/engines"
if among tests "$chosen"; then
  mkdir -p "$out/test"
  console=junit-platform-console-standalone-$(property junit.version).jar
  if [ ! -f "$work/jars/$console" ]; then
    mkdir -p "$work/jars"
    fetch "org.junit.platform:junit-platform-console-standalone:$(property junit.version)"
    mv "$work/download/$console" "$work/jars/"
  fi
  cp "$work/jars/$console" "$out/test/"
  classes=()
  for folder in gpu testing; do
    [ ! -d "$home/target/test-classes/dev/millrace/$folder" ] ||
      classes+=(-C "$home/target/test-classes" "dev/millrace/$folder")
  done
  "$jdk/bin/jar" cf "$out/test/millrace-tests.jar" "${classes[@]}"
fi

# What jdeps finds in the libraries, which takes it minutes, is listed; what it finds in ours is asked
# for. Last: keys for TLS, and what a person who looks into a process wants.
modules=java.compiler,java.desktop,java.instrument,java.logging,java.management,java.naming,java.rmi,java.scripting
modules+=,java.security.jgss,java.sql,java.transaction.xa,java.xml,jdk.management,jdk.net,jdk.unsupported
modules+=,jdk.crypto.ec,jdk.jcmd,jdk.jfr
modules+=,$("$jdk/bin/jdeps" --multi-release base --ignore-missing-deps --print-module-deps \
  --class-path "$home/target/lib/*:$home/target/lib-lab/*" "$home/target/millrace.jar" "$home/target/millrace-lab.jar") ||
  fail "jdeps cannot read the jars in target"
wanted="$(sed -n 's/^IMPLEMENTOR_VERSION=//p' "$jdk/release") $modules"
if [ ! -x "$out/runtime/bin/java" ] || [ "$(cat "$out/runtime/.modules" 2>/dev/null)" != "$wanted" ]; then
  say "linking a Java runtime"
  rm -rf "$out/runtime"
  "$jdk/bin/jlink" --add-modules "$modules" --strip-java-debug-attributes --no-header-files \
    --no-man-pages --output "$out/runtime" || fail "jlink failed; the lines above say why"
  # The JDK's archive of class data is not linked, and each start would parse those classes.
  "$out/runtime/bin/java" -XX:+UseCompactObjectHeaders -Xshare:dump >/dev/null ||
    fail "the runtime cannot write its archive of class data; the lines above say why"
  echo "$wanted" >"$out/runtime/.modules"
fi

cuda=org.bytedeco:cuda-redist:$(property cuda.version):jar:linux-x86_64
tensorrt=org.bytedeco:tensorrt:$(property tensorrt.version):jar:linux-x86_64-redist

# take ARTIFACT FILE...: into the bundle, as links to what is kept where the file system can.
take() {
  local artifact=$1 file
  shift
  fetch_libraries "$artifact"
  for file in "$@"; do
    [ -f "$work/libraries/$file" ] || fail "$artifact has no $file; the versions in the pom changed"
    ln -f "$work/libraries/$file" "$out/gpu/$file" 2>/dev/null || cp "$work/libraries/$file" "$out/gpu/"
  done
}

resource=libnvinfer_builder_resource
trt=$(property tensorrt.version)
for name in $chosen; do
  case $name in
    cudart) take "$cuda" libcudart.so.13 ;;
    nvrtc) take "$cuda" libnvrtc.so.13 libnvrtc-builtins.so.13.1 ;;
    nvjpeg) take "$cuda" libnvjpeg.so.13 ;;
    nvinfer) take "$tensorrt" libnvinfer.so.10 ;;
    ptx) take "$tensorrt" "${resource}_ptx.so.10.15.1" ;;
    nvonnxparser) take "$tensorrt" libnvonnxparser.so.10 ;;
    nvinfer_plugin) take "$tensorrt" libnvinfer_plugin.so.10 ;;
    nvinfer_vc_plugin) take "$tensorrt" libnvinfer_vc_plugin.so.10 ;;
  esac
done
[ "${trt%%-*}" = 10.15 ] || fail "the names of TensorRT's files are those of 10.15, the pom has $trt"

# What the launcher of a checkout trains as well. The JVM knows the jars by their dates, and those of what
# is packed are all the same.
touch -d @0 "$out"/lib/*.jar
if among engines "$chosen" && [ "${MILLRACE_TRAIN:-yes}" != no ]; then
  say "training a worker"
  # Its own cache of plans and libraries is not for the bundle.
  MILLRACE_CACHE=$work/training "$out/bin/millrace" train >&2 ||
    say "without its cache a worker starts more slowly; $out/bin/millrace train makes it"
fi

# The driver that the kernels to build with need, from their own headers.
kernels=
! among ptx "$chosen" || kernels=$(MILLRACE_CACHE=$work/training \
  "$out/bin/millrace" engine inspect "$out/gpu/${resource}_ptx.so.10.15.1") || fail "$kernels"

commit=$(git -C "$home" describe --always --dirty 2>/dev/null || echo unknown)
{
  echo "Millrace $commit, for Linux on x86-64 with glibc 2.38 or newer"
  echo "pieces:$chosen"
  [ -z "$kernels" ] || echo "$kernels"
  echo "TensorRT $trt, CUDA $(property cuda.version) (versions of the Java presets)"
  echo "NVIDIA's libraries are under NVIDIA's terms."
} >"$out/CONTENTS"

megabytes() { awk -v bytes="$1" 'BEGIN { printf "%.1f", bytes / 1e6 }'; }
bytes_of() { du -sbL "$@" | awk '{ sum += $1 } END { print sum + 0 }'; }

echo "$out"
[ -z "$kernels" ] || echo "  $kernels"
printf '  %-46s %8s MB\n' runtime "$(megabytes "$(bytes_of "$out/runtime")")"
printf '  %-46s %8s MB\n' "lib (jars)" "$(megabytes "$(bytes_of "$out/lib")")"
for folder in engines test; do
  [ ! -d "$out/$folder" ] ||
    printf '  %-46s %8s MB\n' "$folder" "$(megabytes "$(bytes_of "$out/$folder")")"
done
for file in "$out"/gpu/*; do
  [ ! -e "$file" ] || printf '  %-46s %8s MB\n' "gpu/${file##*/}" "$(megabytes "$(bytes_of "$file")")"
done
printf '  %-46s %8s MB\n' "all" "$(megabytes "$(bytes_of "$out")")"
[ -n "$parts" ] || exit 0

if command -v zstd >/dev/null; then
  suffix=zst$level
  compress() { zstd -q -"$level" -T0 --long=27; }
else
  say "no zstd: compressing with gzip, which takes a fifth more room"
  suffix=gz
  compress() { gzip -9; }
fi

# Each piece is packed by itself and kept under its checksum: what did not change is not compressed
# again, and what changes most comes last, so that the first parts stay as they are.
packed=()
pack() {
  local name=$1 sum archive
  shift
  sum=$(tar_of "$@" | sha256sum | cut -c1-16)
  archive=$work/packed/$name-$sum.$suffix
  if [ ! -f "$archive" ]; then
    say "compressing $name"
    rm -f "$work/packed/$name"-*."$suffix"
    tar_of "$@" | compress >"$archive.new"
    mv "$archive.new" "$archive"
  fi
  packed+=("$archive")
}
tar_of() {
  tar -c --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --hard-dereference \
    -C "$(dirname "$out")" "${@/#/millrace/}"
}

mkdir -p "$work/packed"
rest=()
for file in "$out"/gpu/*; do
  [ -e "$file" ] || continue
  if [ "$(bytes_of "$file")" -gt 1000000 ]; then
    pack "${file##*/}" "gpu/${file##*/}"
  else
    rest+=("${file#"$out/"}")
  fi
done
pack runtime runtime
theirs=()
for jar in "$out"/lib/*.jar; do
  case ${jar##*/} in millrace.jar | millrace-lab.jar) ;; *) theirs+=("lib/${jar##*/}") ;; esac
done
pack jars "${theirs[@]}"
for name in engines test scripts; do
  [ ! -d "$out/$name" ] || rest+=("$name")
done
[ ! -f "$out/lib/millrace.aot" ] || rest+=(lib/millrace.aot lib/millrace.aot.jars)
pack millrace "${rest[@]}" bin lib/millrace.jar lib/millrace-lab.jar lib/jvm.flags lib/jdk.sh LICENSE CONTENTS

folder=$out-parts
rm -rf "$folder"
mkdir -p "$folder"
cat "${packed[@]}" | split -b "$part_size" -d -a 2 - "$folder/millrace.part-" ||
  fail "--part-size $part_size: split does not take it, or there would be more than 100 parts"
cp "$home/scripts/bundle/join.sh" "$folder/"
if [ "$suffix" != gz ]; then
  # A bare host has gzip and no zstd: this one comes along with what it links, glibc aside.
  cp "$(command -v zstd)" "$folder/zstd"
  ldd "$(command -v zstd)" | awk '$3 ~ /^\// && $1 !~ /^lib(c|m|pthread|dl|rt)\.so/ { print $3 }' |
    while read -r file; do cp "$file" "$folder/"; done
fi
(cd "$folder" && for file in *; do
  [ "$file" = join.sh ] || sha256sum "$file"
done >"$work/SHA256SUMS" && mv "$work/SHA256SUMS" SHA256SUMS)

echo "$folder"
for file in "${packed[@]}"; do
  name=${file##*/}
  printf '  packed %-39s %8s MB\n' "${name%-*}" "$(megabytes "$(bytes_of "$file")")"
done
for file in "$folder"/*; do
  printf '  %-46s %8s MB\n' "${file##*/}" "$(megabytes "$(bytes_of "$file")")"
done
printf '  %-46s %8s MB\n' "all" "$(megabytes "$(bytes_of "$folder")")"
echo "on the host: ./join.sh && millrace/bin/millrace doctor"
