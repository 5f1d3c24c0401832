#!/usr/bin/env bash
# Installs what the benchmarks in this directory measure against: the peers (nginx, HAProxy, Caddy from Debian;
# @fastify/http-proxy and find-my-way from npm) and the load generator (wrk). Nothing that it installs is left running:
# Debian starts a service as it installs it, so a policy file says no to that for as long as apt works.
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
policy=/usr/sbin/policy-rc.d
placed=no

clean_up() {
  if [ "$placed" = yes ]; then rm -f "$policy"; fi
}
trap clean_up EXIT

if [ "${1:-}" = --help ]; then
  echo "usage: test/load/install.sh    needs Debian and root for apt-get; then npm ci in test/load"
  exit 0
fi

missing=()
for program in nginx haproxy caddy wrk; do
  command -v "$program" >/dev/null || missing+=("$program")
done
command -v taskset >/dev/null || missing+=(util-linux)

if [ "${#missing[@]}" -gt 0 ]; then
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    placed=yes
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  # Under systemd the units are enabled for the next boot; a benchmark starts its own processes.
  if [ -d /run/systemd/system ]; then
    for unit in "${missing[@]}"; do systemctl disable --now "$unit" >/dev/null 2>&1 || true; done
  fi
fi

npm ci --prefix "$here" --no-audit --no-fund

nginx -v 2>&1
haproxy -v | head -1
caddy version
wrk -v 2>&1 | head -1 || true
