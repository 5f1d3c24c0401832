#!/usr/bin/env bash
# Installs what the interop suite runs against: Debian's Chromium, lighttpd, dnsmasq, git, curl and Redis; npm packages of their own;
# http-tests/cache-tests; Jaeger, built from its released Go module; Turbine, the Hystrix dashboard, and a server and a service of
# Spring Cloud Netflix, by Maven; the OpenAPI documents of Kubernetes, out of its Go module; Schemathesis, by pip. Run it as often
# as you like: what is there already is left alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

. ./installing.sh

debian chromium curl dnsmasq-base git lighttpd maven python3-venv redis-server
packages_of_npm

./cache-tests.sh || echo "interop: without http-tests/cache-tests, which cannot be reached from here: cache.test.ts is skipped"
wanted=$(stamp contract/requirements.txt)
if [ "$(cat .cache/schemathesis/.stamp 2>/dev/null)" != "$wanted" ]; then
  echo 'interop: installing Schemathesis'
  rm -rf .cache/schemathesis
  python3 -m venv .cache/schemathesis
  .cache/schemathesis/bin/pip install --quiet --disable-pip-version-check --requirement contract/requirements.txt
  echo "$wanted" >.cache/schemathesis/.stamp
fi

wanted=$(stamp jaeger/go.mod jaeger/go.sum)
if [ ! -x .cache/bin/jaeger ] || [ "$(cat .cache/bin/jaeger.stamp 2>/dev/null)" != "$wanted" ]; then
  echo 'interop: building Jaeger (some minutes the first time)'
  # Jaeger's go.mod has a replace directive, so `go install` refuses it; jaeger/go.mod names it as a tool with the same one.
  (
    cd jaeger
    GOFLAGS='-mod=readonly -buildvcs=false' go build -ldflags '-s -w' -o ../.cache/bin/jaeger github.com/jaegertracing/jaeger/cmd/jaeger \
      2> >(grep -v '^go: downloading' >&2)
  )
  echo "$wanted" >.cache/bin/jaeger.stamp
fi

kubernetes=v1.37.2
wanted="$kubernetes of seven groups"
if [ "$(cat .cache/kubernetes/.stamp 2>/dev/null)" != "$wanted" ]; then
  echo 'interop: fetching the OpenAPI documents of Kubernetes'
  module=$(go mod download -json "k8s.io/kubernetes@$kubernetes" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  mkdir -p .cache/kubernetes
  cp -f "$module"/api/openapi-spec/v3/{api__v1,apis__{apps__v1,autoscaling__v2,discovery.k8s.io__v1,networking.k8s.io__v1,policy__v1,rbac.authorization.k8s.io__v1}}_openapi.json .cache/kubernetes/
  echo "$wanted" >.cache/kubernetes/.stamp
fi

wanted=$(stamp hystrix/pom.xml)
if [ "$(cat .cache/hystrix/.stamp 2>/dev/null)" != "$wanted" ]; then
  echo 'interop: fetching Turbine and the Hystrix dashboard'
  rm -rf .cache/hystrix
  for scope in runtime provided; do
    mvn -q -B -Dstyle.color=never -f hystrix/pom.xml dependency:copy-dependencies -DincludeScope=$scope -Dmdep.stripVersion=true \
      -DoutputDirectory="$PWD/.cache/hystrix/$scope"
  done
  echo "$wanted" >.cache/hystrix/.stamp
fi

for part in server service; do
  mapfile -t sources < <(find eureka/$part -type f | sort)
  wanted=$(stamp "${sources[@]}")
  [ "$(cat .cache/eureka-$part/run/.stamp 2>/dev/null)" != "$wanted" ] || continue
  echo "interop: building a $part with Spring Cloud Netflix"
  rm -rf .cache/eureka-$part
  mvn -q -B -Dstyle.color=never -f eureka/$part/pom.xml package
  # Taken apart, and with an archive of its classes, which says where they are: it starts in half the time.
  run="$PWD/.cache/eureka-$part/run"
  java -Djarmode=tools -jar .cache/eureka-$part/eureka-$part.jar extract --destination "$run"
  java -XX:ArchiveClassesAtExit="$run/eureka-$part.jsa" -XX:TieredStopAtLevel=1 -Dspring.context.exit=onRefresh -jar "$run/eureka-$part.jar" \
    >"$run/classes.log" 2>&1 || { cat "$run/classes.log" >&2 && exit 1; }
  echo "$wanted" >.cache/eureka-$part/run/.stamp
done

echo "interop: ready: $(chromium --version 2>/dev/null | cut -d' ' -f1-2), $(/usr/sbin/lighttpd -v | cut -d' ' -f1), $(git --version), $(grep -o 'jaegertracing/jaeger v[^ ]*' jaeger/go.mod)"
