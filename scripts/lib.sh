# shellcheck shell=bash
# Functions that the scripts share; sourced by them, not run.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

# Exits with a message on standard error: die STATUS MESSAGE…
die() {
  local status=$1
  shift
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit "$status"
}

# Exits if a program is missing and says how to install it: need PROGRAM HINT
need() {
  command -v "$1" >/dev/null 2>&1 || die 2 "$1 is not installed: $2"
}

need_rust() {
  need cargo 'install Rust from https://rustup.rs, open a new shell, and try again.'
}

# Builds both programs and puts them first on PATH: build [CARGO OPTIONS]
build() {
  local target=${CARGO_TARGET_DIR:-$PWD/target} profile=debug
  cargo build --locked --bins "$@" || die 1 'the build failed.'
  case " $* " in *' --release '*) profile=release ;; esac
  PATH=$target/$profile:$PATH
}

# Starts rosterd, waits until it listens, and sets `server_pid` and `server_url`: start_server LOG [OPTIONS]
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

# Stops the server and waits until it has exited.
stop_server() {
  [ -n "${server_pid:-}" ] || return 0
  kill -TERM "$server_pid" 2>/dev/null
  # `wait` does not know the process, but its output ends when it exits.
  while read -r -u "$server_out" _; do :; done
  exec {server_out}<&-
  server_pid=
}

# How to run a program as a user whom PostgreSQL accepts, since it refuses to run as root.
AS_POSTGRES=()
[ "$(id -u)" != 0 ] || AS_POSTGRES=(setpriv --reuid=postgres --regid=postgres --clear-groups)

# Prints the folder with the programs of PostgreSQL, or nothing if it is not installed. Debian keeps them in a folder of
# their own for each version.
postgres_programs() {
  local folder found=
  if command -v initdb >/dev/null; then
    found=$(dirname "$(realpath "$(command -v initdb)")")
  else
    for folder in /usr/lib/postgresql/*/bin; do
      [ ! -x "$folder/initdb" ] || found=$folder
    done
  fi
  echo "$found"
}
