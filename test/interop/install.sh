#!/usr/bin/env bash
# Installs what the interop suite runs against: Debian's Chromium, lighttpd, dnsmasq, git and curl; npm packages of their own; Jaeger,
# built from its released Go module; Turbine, the Hystrix dashboard and Netflix's Eureka, by Maven; Schemathesis, by pip. Run it as often as you like: what is there already is left alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

missing=()
for package in chromium curl dnsmasq-base git lighttpd maven python3-venv; do
  dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if ((${#missing[@]})); then
  echo "interop: installing ${missing[*]}"
  apt-get update -qq
  # A package that brings a service would start it: this policy, only for this command, says no.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# Each of the others is done again when what it is made from changes.
stamp() { cat "$@" | sha256sum | cut -d' ' -f1; }
mkdir -p .cache/bin

wanted=$(stamp package.json package-lock.json)
if [ "$(cat node_modules/.stamp 2>/dev/null)" != "$wanted" ]; then
  echo 'interop: installing npm packages'
  # Verdaccio asks for a newer Node than npm may run on; the suite gives it one.
  npm ci --no-fund --no-audit --loglevel=error
  echo "$wanted" >node_modules/.stamp
fi

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

wanted=$(stamp eureka/server/pom.xml eureka/server/src/main/java/postern/EurekaServer.java eureka/server/src/main/resources/application.properties)
if [ "$(cat .cache/eureka-server/.stamp 2>/dev/null)" != "$wanted" ]; then
  echo "interop: building a server out of Netflix's Eureka"
  rm -rf .cache/eureka-server
  mvn -q -B -Dstyle.color=never -f eureka/server/pom.xml package
  echo "$wanted" >.cache/eureka-server/.stamp
fi

echo "interop: ready: $(chromium --version 2>/dev/null | cut -d' ' -f1-2), $(/usr/sbin/lighttpd -v | cut -d' ' -f1), $(git --version), $(grep -o 'jaegertracing/jaeger v[^ ]*' jaeger/go.mod)"
