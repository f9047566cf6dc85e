# The bases of the images, made here; for scripts/container-check.sh to source.
# shellcheck shell=bash disable=SC2034,SC2154,SC2164 # of variables that it has, under set -e

# The bases in $maven_image, $jre_image and $tensorrt.
stand_ins() {
  mkdir -p "$work/context"
  cd "$work/context"
  [ -f "debian-$suite.tar" ] || mmdebstrap --quiet --variant=minbase --include=ca-certificates "$suite" "debian-$suite.tar"
  cmp -s "$jdk/release" jdk/release || { rm -rf jdk jre && cp -aL "$jdk" jdk; }
  [ -d maven ] || cp -aL "$(mvn -v | sed -n 's/^.*Maven home: //p')" maven
  [ -d jre ] || "$jdk/bin/jlink" --strip-debug --no-header-files --no-man-pages --output jre \
    --add-modules java.se,jdk.crypto.ec,jdk.httpserver,jdk.jfr,jdk.management,jdk.net,jdk.unsupported,jdk.zipfs
  for name in nvinfer nvinfer_plugin nvonnxparser; do
    cc -shared -nostdlib -Wl,-soname,"lib$name.so.10" -o "lib$name.so.10.15.1" -x c /dev/null
  done
  # Where Maven copies from, if it does not download.
  printf '<settings><mirrors><mirror><id>artifacts</id><mirrorOf>*</mirrorOf><url>file:///artifacts</url></mirror></mirrors></settings>\n' >settings.xml
  local java='ENV JAVA_HOME=/opt/java/openjdk PATH=/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  printf 'FROM scratch\nADD debian-%s.tar /\n' "$suite" | stand_in debian
  printf 'FROM localhost/debian:standin\nCOPY jre /opt/java/openjdk\n%s\n' "$java" | stand_in jre
  printf 'FROM localhost/debian:standin\nCOPY jdk /opt/java/openjdk\nCOPY maven /opt/maven\n%s\nRUN ln -s /opt/maven/bin/mvn /usr/bin/mvn\n%s\n' \
    "$java" "${artifacts:+COPY settings.xml /root/.m2/settings.xml}" | stand_in maven
  printf 'FROM localhost/debian:standin\nCOPY *.so.10.15.1 /usr/lib/x86_64-linux-gnu/\nRUN ldconfig\n' | stand_in tensorrt
  maven_image=localhost/maven:standin jre_image=localhost/jre:standin tensorrt=localhost/tensorrt:standin
  cd "$repo"
}

# What compose.yaml starts beside the worker, in $queue_image and $python_image. The stand-ins are ElasticMQ's server on
# the stand-in of the JRE, and Debian's Python.
compose_bases() {
  local version
  version=$(sed -n 's/.*elasticmq-native:\([0-9.]*\)}.*/\1/p' "$repo/docker/compose.yaml")
  if [ -n "$registry" ]; then
    queue_image=${registry%%/*}/softwaremill/elasticmq-native:$version
    python_image=$registry/$(sed -n 's/.*PYTHON_IMAGE:-\(.*\)}.*/\1/p' "$repo/docker/compose.yaml")
    return
  fi
  cd "$work/context"
  if [ ! -d "elasticmq-$version" ]; then
    printf '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId><version>1</version><dependencies><dependency><groupId>org.elasticmq</groupId><artifactId>elasticmq-server_2.13</artifactId><version>%s</version></dependency></dependencies></project>' \
      "$version" >elasticmq.xml
    JAVA_HOME=$jdk mvn -q -B -f elasticmq.xml org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
      -DincludeScope=runtime -DoutputDirectory="elasticmq-$version" 2>"$state/elasticmq.log" >&2 || return 1
  fi
  printf 'FROM localhost/jre:standin\nCOPY elasticmq-%s /opt/elasticmq\nENTRYPOINT ["java","-Dconfig.file=/opt/elasticmq.conf","-cp","/opt/elasticmq/*","org.elasticmq.server.Main"]\n' \
    "$version" | stand_in queue
  printf 'FROM localhost/debian:standin\nRUN apt-get update && apt-get install -y --no-install-recommends python3-minimal libpython3-stdlib\n' |
    stand_in python
  queue_image=localhost/queue:standin python_image=localhost/python:standin
  cd "$repo"
}

stand_in() { buildah bud -q --layers --format docker -f - -t "localhost/$1:standin" "$work/context" >/dev/null; }
