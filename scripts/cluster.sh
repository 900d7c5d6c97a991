# shellcheck shell=bash
# Three nodes of PostgreSQL under Patroni, with etcd, on loopback in a temporary folder; sourced after lib.sh, not run.
# Everything ends with the script that sources it.

base=${ROSTER_DEMO_PORT:-21400}
home=
pids=()
node_pids=()

# Prints what is missing to run such a cluster, or nothing.
missing_for_cluster() {
  local program
  for program in patroni etcd curl "$@"; do
    command -v "$program" >/dev/null || printf '%s ' "$program"
  done
  [ -n "$(postgres_programs)" ] || printf 'postgresql '
}

# Nothing is worth ending in order, and who has lost a primary may wait for long.
finish() {
  local n pid
  [ -n "$home" ] || return
  kill -KILL "${pids[@]}" 2>/dev/null
  wait "${pids[@]}" 2>/dev/null
  for n in 1 2 3; do
    # PostgreSQL outlives its Patroni, and may have been stopped. It ends at once, and frees its shared memory.
    for pid in $(postgres_processes "$n"); do kill -CONT "$pid" 2>/dev/null; done
    pid=$(postmaster "$n")
    while [ -n "$pid" ] && kill -QUIT "$pid" 2>/dev/null; do sleep 0.1; done
  done
  rm -rf "$home"
}

# Starts a program in the background, as the user of PostgreSQL if this is root: start NAME COMMAND…
start() {
  local name=$1
  shift
  "${AS_POSTGRES[@]}" "$@" >>"$home/$name.log" 2>&1 </dev/null &
  pids+=($!)
  printf '  %-10s process %s\n' "$name" "$!"
}

# Starts a server and waits until it is ready: start_rosterd NUMBER [OPTIONS]
start_rosterd() {
  local AS_POSTGRES=() n=$1 port=$((base + 40 + $1))
  shift
  start "rosterd$n" rosterd serve --listen "127.0.0.1:$port" "$@"
  until_so 20 curl -sf "http://127.0.0.1:$port/readyz"
}

# Waits until a command succeeds, and fails if it does not in that time: within SECONDS COMMAND…
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || return 1
    sleep 0.1
  done
}

# The same, and exits if it does not: until_so SECONDS COMMAND…
until_so() { within "$@" || die 1 "it takes too long: ${*:2}"; }

# Fills in the words in @ of a file of server/deploy: fill FILE NAME=VALUE…
fill() {
  local file=$1 pair text
  shift
  text=$(<"server/deploy/$file")
  for pair in "$@"; do text=${text//@${pair%%=*}@/${pair#*=}}; done
  printf '%s\n' "$text"
}

# Asks the Patroni of a node: ask NUMBER PATH [CURL OPTIONS]
ask() {
  local n=$1 path=$2
  shift 2
  curl -sf -m 1 "$@" "http://127.0.0.1:$((base + 30 + n))/$path"
}

# Prints the number of the node that has the primary.
leader() {
  local n
  for n in 1 2 3; do
    if ask "$n" primary >/dev/null; then
      echo "$n"
      return
    fi
  done
  return 1
}

# Whether all three nodes run, and a failover loses nothing.
is_whole() {
  local n state
  n=$(leader) && state=$(ask "$n" cluster) || return 1
  [ "$(grep -oE '"state": "(running|streaming)"' <<<"$state" | wc -l)" = 3 ] && grep -q sync_standby <<<"$state"
}

# Prints the process of a node's PostgreSQL, if it runs.
postmaster() {
  local pid
  pid=$(head -n 1 "$home/n$1/data/postmaster.pid" 2>/dev/null)
  # The number may belong to another program by now.
  [ -n "$pid" ] && ps -o args= -p "$pid" | grep -qF "$home/n$1" && echo "$pid"
}

# Prints all processes of a node's PostgreSQL.
postgres_processes() {
  local pid
  pid=$(postmaster "$1")
  [ -z "$pid" ] || { echo "$pid" && pgrep -P "$pid"; }
}

# Runs statements on the primary, as its superuser: cluster_sql [PSQL OPTIONS]
cluster_sql() {
  PGPASSWORD=$database_password "$programs/psql" -qXh 127.0.0.1 -p $((base + 20 + $(leader))) -U postgres "$@"
}

start_node() {
  start "node$1" patroni "$home/n$1.yml"
  node_pids[$1]=$!
}

# Starts the three nodes with an empty database for Roster. Sets `programs`, `home`, `database_password`, and
# ROSTER_DATABASE in the environment. The caller has a trap that calls `finish`.
start_nodes() {
  local n peers="" clients="" nodes
  programs=$(postgres_programs)
  home=$(mktemp -d)
  chmod 755 "$home"
  database_password=$(head -c 15 /dev/urandom | base64 | tr -dc a-zA-Z0-9)
  echo 'Starting:'
  for n in 1 2 3; do
    peers+=${peers:+,}e$n=http://127.0.0.1:$((base + n))
    clients+=${clients:+, }127.0.0.1:$((base + 10 + n))
    mkdir "$home/etcd$n" "$home/n$n"
  done
  [ ${#AS_POSTGRES[@]} = 0 ] || chown -R postgres "$home"
  for n in 1 2 3; do
    start "etcd$n" etcd --name "e$n" --data-dir "$home/etcd$n" \
      --listen-client-urls "http://127.0.0.1:$((base + 10 + n))" \
      --advertise-client-urls "http://127.0.0.1:$((base + 10 + n))" \
      --listen-peer-urls "http://127.0.0.1:$((base + n))" \
      --initial-advertise-peer-urls "http://127.0.0.1:$((base + n))" \
      --initial-cluster "$peers" --initial-cluster-token roster --initial-cluster-state new
  done
  until_so 20 curl -sf "http://127.0.0.1:$((base + 11))/health"
  for n in 1 2 3; do
    fill patroni.yml "NAME=n$n" ADDRESS=127.0.0.1 "REST_PORT=$((base + 30 + n))" "PORT=$((base + 20 + n))" \
      "ETCD=$clients" NETWORK=127.0.0.1/32 "FOLDER=$home/n$n" "PROGRAMS=$programs" \
      "PASSWORD=$database_password" >"$home/n$n.yml"
    start_node "$n"
    # The first one makes the database; the others copy it.
    [ "$n" != 1 ] || until_so 60 leader
  done
  until_so 60 is_whole
  cluster_sql -c "CREATE ROLE roster LOGIN PASSWORD '$database_password'" -c 'CREATE DATABASE roster OWNER roster' ||
    die 1 'cannot make the database.'

  nodes=127.0.0.1:$((base + 21)),127.0.0.1:$((base + 22)),127.0.0.1:$((base + 23))
  export ROSTER_DATABASE=postgres://roster:$database_password@$nodes/roster
}

# The same, with an admin and 200 employees. Sets `password` and what `rosterd` needs in the environment, too.
start_cluster() {
  trap finish EXIT
  trap 'exit 1' INT TERM
  start_nodes
  password=$database_password
  set -a
  eval "$(rosterd keygen)"
  set +a
  rosterd user add admin --role admin <<<"$password" >/dev/null || die 1 'cannot create the first admin.'
  rosterd sample 200 >/dev/null || die 1 'cannot create the sample employees.'
}
