#!/usr/bin/env bash
# A PostgreSQL 17 server with TimescaleDB for the tests, in a folder of Debian 13 that is made once.
#
#   tools/timescale.sh run COMMAND...   runs COMMAND with MILLWRIGHT_TEST_POSTGRES naming the server
#
# Debian's package is the Apache edition: hypertables, without compression and continuous
# aggregates. Needs root and the package debootstrap. Ends with 77 where it cannot be made.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly system=$PWD/build/trixie
readonly data=/var/lib/millwright-test
readonly programs=/usr/lib/postgresql/17/bin

skip() { echo "skipped: $*" >&2; exit 77; }

make_system() {
  [ -e "$system/.complete" ] && return
  [ "$(id -u)" = 0 ] || skip "making a Debian 13 folder needs root"
  command -v debootstrap >/dev/null || skip "debootstrap is not installed (apt-get install debootstrap)"
  rm -rf "$system"
  mkdir -p "$system"
  # The mirror is the machine's own.
  local mirror
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v -- -security |
    head -n 1)
  echo "making a Debian 13 folder with TimescaleDB (about a minute) ..." >&2
  debootstrap --variant=minbase --include=postgresql-17,postgresql-17-timescaledb trixie \
    "$system" ${mirror:+"$mirror"} >"$system.log" 2>&1 || skip "debootstrap failed, see $system.log"
  touch "$system/.complete"
}

as_postgres() { chroot "$system" setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }

start_server() {
  chroot "$system" rm -rf "$data"
  chroot "$system" install -d -o postgres -g postgres "$data"
  as_postgres "$programs/initdb" -D "$data/cluster" -U postgres --auth=trust --locale=C.UTF-8 >/dev/null
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  as_postgres "$programs/pg_ctl" -D "$data/cluster" -l "$data/log" -w -o "-p $port \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories=$data -c fsync=off \
    -c max_connections=200 -c max_locks_per_transaction=1024 -c timescaledb.telemetry_level=off \
    -c shared_preload_libraries=timescaledb" start >/dev/null ||
    { cat "$system$data/log" >&2; exit 1; }
}
stop_server() {
  as_postgres "$programs/pg_ctl" -D "$data/cluster" -m immediate stop >/dev/null || true
}

[ "${1:-}" = run ] && [ $# -ge 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2; }
shift
make_system
exec 9>"$system.lock"  # one server at a time
flock 9
trap stop_server EXIT
start_server
MILLWRIGHT_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port" "$@" 9>&-
