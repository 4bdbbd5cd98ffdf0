#!/usr/bin/env bash
# Installs the servers that the tests use and this machine lacks, where it may: as root, or with a sudo that
# asks for no password. Elsewhere it only says what is missing; those tests are then skipped, and counted.
set -euo pipefail

missing=()
PATH="$PATH:/usr/sbin:/usr/local/sbin"
command -v mosquitto >/dev/null || missing+=(mosquitto)
{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null || missing+=(chromium)
command -v chromedriver >/dev/null || missing+=(chromium-driver)
command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
command -v java >/dev/null || missing+=(default-jre-headless)
[ ${#missing[@]} -gt 0 ] || exit 0

may=()
if [ "$(id -u)" != 0 ]; then may=(sudo -n); fi
if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
  echo "Installing for the tests: ${missing[*]}" >&2
  export DEBIAN_FRONTEND=noninteractive
  if "${may[@]}" apt-get update -q </dev/null >/dev/null &&
    "${may[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}" </dev/null >/dev/null; then
    exit 0
  fi
fi
echo "WARNING: not on this machine and not to be installed here: ${missing[*]}. Their tests will be skipped." >&2
