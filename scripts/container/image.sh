# What an image is made of, without running it; for scripts/container-check.sh to source.
# shellcheck shell=bash disable=SC2034,SC2154,SC2164 # of variables that it has, under set -e

# Of an image's own layers, the ahead-of-time cache and the Java of a base aside.
most_bytes=120000000

megabytes() { awk -v bytes="$1" 'BEGIN { printf "%.1f", bytes / 1e6 }'; }

# The steps of an image, the last first: the bytes that each added, and what it was. steps IMAGE
steps() {
  podman history --no-trunc --format json "$1" | sed 's/{"id"/\n&/g' |
    sed -n 's/.*"CreatedBy":"\(.*\)",.*"size":\([0-9]*\).*/\2 \1/p'
}

# Those on top of the base. own_layers IMAGE BASE
own_layers() { steps "$1" | head -n "-$(steps "$2" | wc -l)"; }

# The same as parts with names: bytes, a tab and the name, the largest first. parts IMAGE BASE
parts() {
  own_layers "$1" "$2" | awk '
    $1 == 0 { next }
    {
      bytes = $1; said = $0
      if (said ~ /millrace\.aot/) part = "ahead-of-time cache"
      else if (said ~ /java\/openjdk/) part = "Java"
      else if (said ~ /target\/lib-lab|millrace-lab\.jar/) part = "laboratory"
      else if (said ~ /target\/lib/) part = "jars of others"
      else if (said ~ /millrace\.jar/) part = "millrace.jar"
      else if (said ~ /engines/) part = "engines"
      else if (said ~ /apt-get/) part = "libgomp and the user"
      else if (said ~ / in scripts\/| in \. |usr\/local\/bin|pom\.xml/) part = "scripts"
      else part = "others"
      sum[part] += bytes
    }
    END { for (part in sum) print sum[part] "\t" part }' | sort -rn
}

# The bytes that count. own_bytes IMAGE BASE
own_bytes() {
  parts "$1" "$2" | awk -F '\t' '$2 != "ahead-of-time cache" && $2 != "Java" { sum += $1 } END { print sum + 0 }'
}

# One line for each thing that is wrong with what a worker's image is made of. mistakes_of IMAGE BASE LABORATORY
mistakes_of() {
  local image=$1 user root base laboratory jar program
  user=$(podman image inspect --format '{{.Config.User}}' "$image")
  [ "$user" = 10001 ] || echo "the image's user is '$user' instead of 10001"
  [ "$(podman image inspect --format '{{.Config.StopSignal}}' "$image")" = SIGTERM ] || echo "its signal to stop is not SIGTERM"
  [[ "$(podman image inspect --format '{{json .HealthCheck}}' "$image")" == *'"healthcheck","9400"'* ]] || echo "it has no health check"

  root=$(podman image mount "$image") base=$(podman image mount "$2") laboratory=$(podman image mount "$3")
  [ -z "$(find "$root/app" ! -type l \( -user 10001 -o -perm -o+w \) -print -quit)" ] || echo "its user can change what is in /app"
  for program in gcc g++ cmake mvn; do
    [ ! -e "$root/usr/bin/$program" ] || [ -e "$base/usr/bin/$program" ] || echo "it has what builds it: $program"
  done
  if [ -e "$root/app/target/millrace-lab.jar" ] || "$jdk/bin/jar" tf "$root/app/target/millrace.jar" | grep '^dev/millrace/lab/' >/dev/null; then
    echo "it has the laboratory"
  fi
  for jar in "$laboratory"/app/target/lib-lab/*.jar; do
    [ -z "$(find "$root/app" -name "${jar##*/}" -print -quit)" ] || echo "it has the laboratory's ${jar##*/}"
  done
  "$jdk/bin/java" "$repo/src/test/java/dev/millrace/testing/ForeignNatives.java" "$root/app/target/lib" "$root/app/target" |
    sed 's/^/it has what another system loads: /'
  podman image unmount "$image" "$2" "$3" >/dev/null
}

# A line where the layers are too large. excess_of IMAGE BASE
excess_of() {
  local bytes
  bytes=$(own_bytes "$1" "$2")
  [ "$bytes" -le $most_bytes ] || echo "its own layers have $(megabytes "$bytes") MB without the ahead-of-time cache"
}

# check_made NAME BASE LABORATORY
check_made() {
  local said excess
  said=$(mistakes_of "localhost/$1" "$2" "localhost/$3")
  none_of "$said" "$1: user 10001, a health check, no laboratory, no compiler, no other system's natives, nothing that its user can change"
  excess=$(excess_of "localhost/$1" "$2")
  none_of "$excess" "$1: own layers of $(megabytes "$(own_bytes "localhost/$1" "$2")") MB without the ahead-of-time cache, of $(megabytes $most_bytes) at most"
  parts "localhost/$1" "$2" | while IFS=$'\t' read -r bytes part; do
    printf '        %6.1f MB  %s\n' "$(megabytes "$bytes")" "$part"
  done
}
