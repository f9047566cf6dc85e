# An image with mistakes, which the checks must find; for scripts/container-check.sh to source.
# shellcheck shell=bash disable=SC2034,SC2154,SC2164 # of variables that it has, under set -e

# The worker's image with one mistake for each thing that is looked at, and the words that each check has for it.
check_planted() {
  local folder=$state/planted said words missed=0 number=0 before after all lines took code
  mkdir -p "$folder/linux-aarch64"
  # An ELF file of another machine.
  printf '\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\xb7\0\x01\0\0\0' >"$folder/linux-aarch64/liba.so"
  (cd "$folder" && "$jdk/bin/jar" cf a.jar linux-aarch64)
  head -c 130000000 /dev/zero >"$folder/ballast"
  cat >"$folder/Dockerfile" <<'END'
FROM localhost/millrace
USER root
COPY --from=localhost/millrace-laboratory /app/target/lib-lab target/lib-lab
COPY --from=localhost/millrace-laboratory /app/target/millrace-lab.jar target/millrace-lab.jar
COPY a.jar target/lib/a.jar
COPY ballast /usr/bin/gcc
RUN chmod o+w engines && touch target/millrace.jar
STOPSIGNAL SIGKILL
HEALTHCHECK NONE
ENTRYPOINT ["bash", "-c", "scripts/millrace \"$@\"; exit $?", "bash"]
CMD ["worker", "--config", "/etc/millrace/worker.yaml"]
END
  buildah bud -q --format docker -f "$folder/Dockerfile" -t localhost/planted "$folder" >/dev/null
  said=$(mistakes_of localhost/planted "$jre_image" localhost/millrace-laboratory && excess_of localhost/planted "$jre_image")
  printf 'FROM localhost/planted\nSTOPSIGNAL SIGTERM\n' | buildah bud -q --format docker -f - -t localhost/planted-stop "$folder" >/dev/null
  start_worker planted planted-stop
  await_ready planted podman exec planted healthcheck 9400 || true
  said+=$'\n'$(confinement_of planted && unused_of planted)
  # Its shell hands no signal on, and what it holds stays hidden.
  drain killed planted next 1
  [ "$code" = 0 ] || said+=$'\n'"it ended with exit code $code"
  [ "$all" = "$load" ] || said+=$'\n'"images have no verdict"
  while read -r words; do
    number=$((number + 1))
    if ! grep -qF -- "$words" <<<"$said"; then
      bad "a planted mistake was not found: '$words'"
      missed=1
    fi
  done <<'END'
the image's user is 'root'
its signal to stop is not SIGTERM
it has no health check
its own layers have
its user can change what is in /app
it has what builds it: gcc
it has the laboratory
it has the laboratory's pekko-actor
it has what another system loads: a.jar: linux-aarch64/liba.so
it runs as user 0
it has capabilities
it may gain privileges
its root file system can be written
its first process is bash
the ahead-of-time cache is not mapped
of its classes come from the ahead-of-time cache
it ended with exit code 137
images have no verdict
END
  [ $missed = 1 ] || ok "an image with $number planted mistakes: each is found; $((load - all)) images of its load were hidden when it ended"
}
