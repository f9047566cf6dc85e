# What a container costs; for scripts/container-check.sh to source.
# shellcheck shell=bash disable=SC2034,SC2154,SC2164 # of variables that it has, under set -e

# CPU time of a photo, inside and outside in turns; the medians of the ratios are within 5 %.
check_cost() {
  local classes=$state/classes lib=$repo/target/lib jar=$repo/target/millrace.jar
  # Builds it where it is not built.
  MILLRACE_TRAIN=no "$repo/scripts/millrace" --version >/dev/null
  mkdir -p "$classes"
  (cd "$repo/src/bench/java/dev/millrace/preprocess" &&
    "$jdk/bin/javac" -proc:none -d "$classes" -cp "$jar:$(jars_of "$lib")" \
      PreprocessCost.java DecodeFloor.java Floor.java OpenCvPath.java Target.java WebPhotos.java)
  local flags round
  flags="$(flags_of "$repo/pom.xml") -Xmx384m"
  : >"$state/cost"
  # shellcheck disable=SC2086 # several flags
  outside() { MALLOC_ARENA_MAX=2 "$jdk/bin/java" $flags -cp "$classes:$jar:$(jars_of "$lib")" dev.millrace.preprocess.PreprocessCost; }
  # shellcheck disable=SC2086
  inside() {
    podman run --rm --network none $confined -e MALLOC_ARENA_MAX=2 -v "$classes:/classes:ro" --entrypoint java \
      localhost/millrace $flags -cp '/classes:/app/target/millrace.jar:/app/target/lib/*' dev.millrace.preprocess.PreprocessCost
  }
  for round in $(seq "$rounds"); do
    # Who is first takes turns as well.
    if [ $((round % 2)) = 1 ]; then
      echo "outside $(outside)" >>"$state/cost"
      echo "inside $(inside)" >>"$state/cost"
    else
      echo "inside $(inside)" >>"$state/cost"
      echo "outside $(outside)" >>"$state/cost"
    fi
  done
  if awk -F '[ =]' -v most=0.05 '
    function median(list, n,   i, j, t) {
      for (i = 2; i <= n; i++) for (j = i; j > 1 && list[j] < list[j - 1]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
      return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
    }
    { n[$1]++; floor[$1, n[$1]] = $3; worker[$1, n[$1]] = $5 }
    END {
      rounds = n["inside"]
      for (i = 1; i <= rounds; i++) {
        f[i] = floor["inside", i] / floor["outside", i]; w[i] = worker["inside", i] / worker["outside", i]
        of[i] = worker["inside", i] / floor["inside", i]; a[i] = floor["inside", i]; b[i] = floor["outside", i]
      }
      mf = median(f, rounds); mw = median(w, rounds)
      printf "decode: %.3f CPU-ms a photo inside, %.3f outside, ratio %.3f (%.3f to %.3f); decode and resize: ratio %.3f (%.3f to %.3f), %.2f of decoding; %d rounds\n",
        median(a, rounds), median(b, rounds), mf, f[1], f[rounds], mw, w[1], w[rounds], median(of, rounds), rounds
      exit !(mf < 1 + most && mf > 1 - most && mw < 1 + most && mw > 1 - most)
    }' "$state/cost" >"$state/cost.line"; then
    ok "$(cat "$state/cost.line")"
  else
    bad "$(cat "$state/cost.line")"
  fi
}
