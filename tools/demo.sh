#!/usr/bin/env bash
# Runs the server and the demo factory's edge agents until Ctrl-C. Called by ./start with
# PORT GRPC_PORT DATA [STORE].
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib.sh

port=$1 grpc_port=$2 data=$3
store=(); [ -n "${4:-}" ] && store=(--store "$4")
tenant=100000
bin=build/release/bin
mkdir -p "$data/log" "$data/edge"
data=$(cd "$data" && pwd)
api="http://127.0.0.1:$port"

server='' toggler='' agents=()
# Stops the agents first, so that they can say goodbye, then the server; only what was started here.
stop_all() {
  trap - EXIT
  trap '' INT TERM
  set +e # what is gone already must not keep the rest from being stopped
  [ -n "$toggler" ] && kill "$toggler" 2>/dev/null
  [ ${#agents[@]} -gt 0 ] && kill "${agents[@]}" 2>/dev/null
  for pid in $toggler "${agents[@]}"; do wait "$pid" 2>/dev/null; done
  [ -n "$server" ] && kill "$server" 2>/dev/null && wait "$server" 2>/dev/null
  echo
  say "Stopped. Data is kept in $data"
}
trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Models that the demo uses are trained here, once, from simulated and public data.
if [ ! -d "$data/registry/gear" ]; then
  say "Training the gear fault classifier on simulated runs"
  "$bin/millwright" train gear --registry "$data/registry" >"$data/log/train-gear.log" 2>&1 ||
    die "training failed; see $data/log/train-gear.log"
fi
# A model trained by an earlier release has another way from sensors to features and is refused.
if ! grep -rqsa 'ema-level-trend-wear-indicators-cycle-2' "$data/registry/turbofan"; then
  say "Training the turbofan life model on C-MAPSS units"
  "$bin/millwright" train turbofan --data demo/turbofan/train.csv.gz --registry "$data/registry" \
    >"$data/log/train-turbofan.log" 2>&1 || die "training failed; see $data/log/train-turbofan.log"
fi

"$bin/millwright" tenant create "$tenant" --data "$data" "${store[@]}" --if-missing

log="$data/log/server.log"
touch "$log"
before=$(stat -c %s "$log")
"$bin/millwright" serve --data "$data" "${store[@]}" --http "127.0.0.1:$port" --grpc "127.0.0.1:$grpc_port" \
  --web web/dist --demo-tenant "$tenant" --legacy-tenant "$tenant" 2>>"$log" &
server=$!
# Its own word, not whoever answers on the port.
said() { tail -c "+$((before + 1))" "$log"; }
is_ready() { grep -q '"millwright is ready"' <(said); }
for _ in $(seq 300); do
  is_ready && break
  kill -0 "$server" 2>/dev/null || {
    server=''
    said | grep '^millwright:' >&2
    die "the server did not start; see $log"
  }
  sleep 0.1
done
is_ready || die "the server is not ready after 30 s; see $log"

# start_agent NAME: an edge agent of demo/NAME.toml, with a claim to register itself.
start_agent() {
  local name=$1 folder="$data/edge/$1"
  mkdir -p "$folder"
  sed -e "s|@API@|$api|" -e "s|@HUB@|127.0.0.1:$grpc_port|" -e "s|@DEMO@|$PWD/demo|" \
    "demo/$name.toml" >"$folder/edge.toml"
  # A fresh claim each time: the agent uses it only where the server does not know its secret.
  (umask 077; "$bin/millwright" claim create "$tenant" --data "$data" "${store[@]}" >"$folder/claim")
  "$bin/millwright-edge" --config "$folder/edge.toml" --data "$folder" 2>>"$data/log/$name.log" &
  agents+=($!)
}

for name in conveyor furnace turbofan; do
  start_agent "$name"
done

# The fourth device's agent stops and starts, so that offline and online can be watched.
(
  agents=()
  trap 'kill "${agents[@]}" $(jobs -p) 2>/dev/null; wait; exit 0' TERM INT
  while true; do
    start_agent pump
    sleep 90 & wait $!
    kill "${agents[0]}" 2>/dev/null
    wait "${agents[0]}" 2>/dev/null
    agents=()
    sleep 45 & wait $!
  done
) &
toggler=$!

say "Millwright is running: $api"
echo "  web app        $api            (demo tenant $tenant, read only)"
echo "  REST, GraphQL  $api/api/docs   $api/graphql"
echo "  hub (gRPC)     127.0.0.1:$grpc_port"
echo "  logs, data     $data"
echo "Ctrl-C stops everything."
wait "$server"
die "the server ended; see $data/log/server.log"
