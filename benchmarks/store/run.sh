#!/usr/bin/env bash
# ./bench store: the embedded store, PostgreSQL and, where they are installed, DuckDB and ClickHouse
# on the same load and the same queries, one after the other. Called by ./bench, which builds first.
#
#   run.sh PROGRAMS PARENT DAYS SEED
#
# PROGRAMS holds the built benchmarks; all data lie in a temporary folder in PARENT, which goes at
# the end.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
programs=$1 parent=$2 days=$3 seed=$4
venv=$here/../../build/bench-venv
streamed=300  # minutes after the measured ones, appended while the latest values are asked

minutes=$(awk -v days="$days" 'BEGIN { printf "%d", days * 1440 }')
[ "$minutes" -ge 60 ] || { echo "error: --days $days is under an hour; give 0.05 or more" >&2; exit 1; }
folder=$(mktemp -d "$parent/millwright-store-bench.XXXXXX")
chmod 711 "$folder"  # PostgreSQL's user passes through
cluster=$folder/postgres

# Runs a command as PostgreSQL's user: its server refuses to run as root.
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then
    (cd / && setpriv --reuid=postgres --regid=postgres --clear-groups "$@")
  else
    "$@"
  fi
}
stop() {
  [ -f "$cluster/data/postmaster.pid" ] && as_postgres "$postgres/pg_ctl" -D "$cluster/data" -m immediate stop >&2
  rm -rf "$folder"
}
trap stop EXIT

# A cluster of its own with PostgreSQL's own settings, reached by its socket only.
start_postgres() {
  postgres=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
  mkdir "$cluster"
  [ "$(id -u)" -eq 0 ] && chown postgres: "$cluster"
  chmod 700 "$cluster"
  as_postgres "$postgres/initdb" -D "$cluster/data" -U bench --auth=trust --locale=C.UTF-8 >/dev/null
  as_postgres "$postgres/pg_ctl" -D "$cluster/data" -l "$cluster/log" -w start \
    -o "-c listen_addresses='' -c unix_socket_directories=$cluster" >/dev/null
}

# For each figure of a peer, NAME@peer, that we have as well: NAME/peer, ours divided by theirs.
ratios() {
  awk -F '\t' '{ value[$1] = $2; if ($1 ~ /@/) peers[++n] = $1 }
    END {
      for (i = 1; i <= n; ++i) {
        split(peers[i], part, "@")
        if (part[1] in value) printf "%s/%s\t%.4g\tratio\n", part[1], part[2], value[part[1]] / value[peers[i]]
      }
    }' "$1"
}

figures=$folder/figures.tsv
"$programs/store_generate" "$seed" $((minutes + streamed)) "$folder/load"
"$programs/store_bench" "$folder/load" "$minutes" "$folder" | tee -a "$figures"
"$programs/store_http_bench" "$folder/load" "$folder" | tee -a "$figures"
"$programs/store_series_bench" "$seed" "$folder" | tee -a "$figures"
rm -rf "$folder/data" "$folder/series"
sync  # so that what ours left to write does not slow the next down
start_postgres
"$programs/store_postgres_bench" "$folder/load" "$minutes" "$folder" \
  "host=$cluster user=bench dbname=postgres" | tee -a "$figures"
as_postgres "$postgres/pg_ctl" -D "$cluster/data" -m immediate stop >/dev/null
rm -rf "$cluster"
if [ -x "$venv/bin/python" ]; then
  for peer in duckdb clickhouse; do
    sync
    "$venv/bin/python" "$here/peers.py" "$peer" "$folder/load" "$minutes" "$folder" | tee -a "$figures"
  done
else
  echo "DuckDB and ClickHouse are not installed: ./bench store --peers installs them" >&2
fi
ratios "$figures"
