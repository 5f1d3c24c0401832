# What both installers do: packages of Debian, stamps of what was made, packages of npm. Sourced in test/interop.

# Installs those of these that are not there.
debian() {
  local missing=() package
  for package in "$@"; do
    dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  if ((${#missing[@]} == 0)); then return; fi
  echo "installing ${missing[*]}"
  apt-get update -qq
  # A package that brings a service would start it: this policy, only for this command, says no.
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# Each of the others is done again when what it is made from changes.
stamp() { cat "$@" | sha256sum | cut -d' ' -f1; }
mkdir -p .cache/bin

packages_of_npm() {
  local wanted
  wanted=$(stamp package.json package-lock.json)
  if [ "$(cat node_modules/.stamp 2>/dev/null)" != "$wanted" ]; then
    echo 'installing npm packages'
    # Verdaccio asks for a newer Node than npm may run on; the suite gives it one.
    npm ci --no-fund --no-audit --loglevel=error
    echo "$wanted" >node_modules/.stamp
  fi
}
