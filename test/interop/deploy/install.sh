#!/usr/bin/env bash
# Installs what the tests of what is deployed run against: Helm and Kubernetes' evaluator of pod security, built by Go; the OpenAPI documents
# of Kubernetes and the published schemas of Compose and of the Prometheus operator, out of Go modules; Prometheus, systemd and a Debian of its
# own, of Debian. Run it as often as you like: what is there already is left alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

. ./installing.sh

debian curl debootstrap dnsmasq-base iproute2 prometheus systemd
packages_of_npm

kubernetes=v1.37.2
wanted="$kubernetes of seven groups"
if [ "$(cat .cache/kubernetes/.stamp 2>/dev/null)" != "$wanted" ]; then
  echo 'deploy: fetching the OpenAPI documents of Kubernetes'
  module=$(go mod download -json "k8s.io/kubernetes@$kubernetes" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  mkdir -p .cache/kubernetes
  cp -f "$module"/api/openapi-spec/v3/{api__v1,apis__{apps__v1,autoscaling__v2,discovery.k8s.io__v1,networking.k8s.io__v1,policy__v1,rbac.authorization.k8s.io__v1}}_openapi.json .cache/kubernetes/
  echo "$wanted" >.cache/kubernetes/.stamp
fi

helm=v4.3.1
if [ "$(cat .cache/bin/helm.stamp 2>/dev/null)" != "$helm" ]; then
  echo 'deploy: building Helm (some minutes the first time)'
  GOBIN="$PWD/.cache/bin" GOFLAGS=-buildvcs=false go install -ldflags '-s -w' "helm.sh/helm/v4/cmd/helm@$helm" 2> >(grep -v '^go: downloading' >&2)
  echo "$helm" >.cache/bin/helm.stamp
fi

wanted=$(stamp podsecurity/*)
if [ "$(cat .cache/bin/podsecurity.stamp 2>/dev/null)" != "$wanted" ]; then
  echo "deploy: building Kubernetes' evaluator of pod security"
  (cd podsecurity && GOFLAGS='-mod=readonly -buildvcs=false' go build -ldflags '-s -w' -o ../.cache/bin/podsecurity . 2> >(grep -v '^go: downloading' >&2))
  echo "$wanted" >.cache/bin/podsecurity.stamp
fi

compose=v2.16.2 operator=v0.85.0
wanted="$compose $operator"
if [ "$(cat .cache/schemas/.stamp 2>/dev/null)" != "$wanted" ]; then
  echo 'deploy: fetching the schemas of Compose and of the Prometheus operator'
  directory() { go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p'; }
  mkdir -p .cache/schemas
  cp -f "$(directory "github.com/compose-spec/compose-go/v2@$compose")"/schema/compose-spec.json .cache/schemas/
  cp -f "$(directory "github.com/prometheus-operator/prometheus-operator@$operator")"/example/prometheus-operator-crd/monitoring.coreos.com_{podmonitors,prometheusrules}.yaml .cache/schemas/
  echo "$wanted" >.cache/schemas/.stamp
fi

# What the Dockerfile's images are made of too.
if [ ! -e .cache/debian/.stamp ]; then
  echo 'deploy: unpacking a Debian'
  rm -rf .cache/debian
  debootstrap --variant=minbase bookworm .cache/debian >.cache/debian.log || { tail .cache/debian.log >&2 && exit 1; }
  touch .cache/debian/.stamp
fi

echo 'deploy: ready'
