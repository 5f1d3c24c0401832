#!/usr/bin/env bash
# Brings http-tests/cache-tests (https://cache-tests.fyi) at the commit below; CACHE_TESTS names another repository to take it from.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

commit=b55b8bda3dbb8c927c04e85bd8d496a8caa3e4ba
home=.cache/cache-tests
if [ "$(cat $home/.stamp 2>/dev/null)" = $commit ]; then exit; fi
echo 'interop: fetching http-tests/cache-tests'
rm -rf $home
git init -q $home
git -C $home fetch -q --depth 1 "${CACHE_TESTS:-https://github.com/http-tests/cache-tests.git}" $commit
git -C $home checkout -q --detach $commit
echo $commit >$home/.stamp
