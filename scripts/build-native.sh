#!/usr/bin/env bash
# Builds native/ and tests it, for Maven. Says in one line when that cannot be done; the build goes on
# without the library then, and Millrace says what is missing where it is needed.
set -euo pipefail

usage() {
  cat <<EOF
usage: scripts/build-native.sh BUILD_FOLDER OUTPUT_FOLDER

Builds native/ in BUILD_FOLDER, tests it, and copies libmillrace_native.so to OUTPUT_FOLDER. Maven calls
it. Where there is no CMake or C++ compiler it says so in one line, and the build goes on without.

Exit codes: 0 built, up to date or left out; 1 the build or its test failed; 2 a mistake in the arguments.
EOF
}

case "${1:-}" in
  -h | --help)
    usage
    exit
    ;;
esac
if [ $# -ne 2 ]; then
  echo "build-native: give two folders, BUILD_FOLDER and OUTPUT_FOLDER; see --help" >&2
  exit 2
fi

home=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
source=$home/native
build=$1
output=$2
library=libmillrace_native.so

skip() {
  echo "native: $*; going on without $library, so images are resized in Java, and a GPU needs cuBLAS, cuDNN and NVRTC and keeps the engines of replaced models"
  exit 0
}

# Nothing to do while no source is newer than the library that was tested last.
if [ -f "$build/tested" ] && [ -f "$output/$library" ] && [ -d "$output/stubs" ] &&
  [ -z "$(find "$source" "$0" -newer "$build/tested" -print -quit)" ]; then
  exit 0
fi

[ "$(uname -sm)" = "Linux x86_64" ] || skip "only built for Linux on x86_64"
command -v cmake >/dev/null || skip "no CMake found, install cmake 3.16 or newer"
command -v "${CXX:-g++}" >/dev/null || command -v clang++ >/dev/null || command -v c++ >/dev/null ||
  skip "no C++ compiler found, install g++ or clang"

mkdir -p "$build" "$output"
log=$build/build.log
if ! { cmake -S "$source" -B "$build" && cmake --build "$build" --parallel 2 &&
  (cd "$build" && ctest --output-on-failure -R '^(plain|resize)$'); } >"$log" 2>&1; then
  cat "$log" >&2
  echo "native: the build or its test failed; the lines above say why" >&2
  exit 1
fi
cp -r "$build/$library" "$build/stubs" "$output/"
touch "$build/tested"
