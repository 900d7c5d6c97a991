# What the scripts share; read by them, not run.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

# Ends the script with a message on standard error: die STATUS WORDS…
die() {
  local status=$1
  shift
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit "$status"
}

# Says what is missing, and where to get it.
need() {
  command -v "$1" >/dev/null 2>&1 || die 2 "$1 is missing: $2"
}

need_rust() {
  need cargo 'install Rust from https://rustup.rs, open a new shell, and try again.'
}

# Builds both programs and puts them first on the path: build [cargo's options]
build() {
  local target=${CARGO_TARGET_DIR:-$PWD/target} profile=debug
  cargo build --locked --bins "$@" || die 1 'the build failed.'
  case " $* " in *' --release '*) profile=release ;; esac
  PATH=$target/$profile:$PATH
}

# Starts rosterd, waits until it listens, and sets `server_pid` and `server_url`: start_server LOG [options]
start_server() {
  local log=$1 line
  shift
  exec {server_out}< <(exec rosterd serve "$@" 2>>"$log")
  server_pid=$!
  if ! read -r -u "$server_out" line; then
    tail -n 5 "$log" >&2
    die 1 "rosterd did not start; its log is $log"
  fi
  server_url=${line#listening on }
}

# Asks the server to end, and waits until it has.
stop_server() {
  [ -n "${server_pid:-}" ] || return 0
  kill -TERM "$server_pid" 2>/dev/null
  # Its output ends when it does; it is no child that `wait` knows.
  while read -r -u "$server_out" _; do :; done
  exec {server_out}<&-
  server_pid=
}
