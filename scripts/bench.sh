# shellcheck shell=bash
# What the benchmarks share; sourced after lib.sh, not run. `seconds` is how long each run of wrk takes.

work=$(mktemp -d)
password='bench password of no use'
(umask 077 && rosterd keygen >"$work/keys.env")
set -a
# shellcheck source=/dev/null
. "$work/keys.env"
set +a
export ROSTER_ACCESS_TTL=12h ROSTER_LISTEN=127.0.0.1:0

# Prints requests/s, p50 and p99 in microseconds, and the count of failures: drive SCRIPT URL CONNECTIONS
drive() {
  wrk -t1 -c"$3" -d"${seconds}s" -s "$1" "$2" | sed -n 's/^result //p'
}

# The end of every wrk script: prints the figures on one line.
tail_of_script='
done = function(summary, latency, requests)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format("result %d %d %d %d\n", summary.requests / (summary.duration / 1e6), latency:percentile(50), latency:percentile(99), failed))
end'

# Writes a wrk script that requests paths in turn; a Lua expression of `i` makes each: script NAME EXPRESSION
script() {
  cat >"$work/$1.lua" <<LUA
local i = 0
request = function()
  i = i + 1
  return wrk.format("GET", $2, { Authorization = "Bearer $token" })
end
$tail_of_script
LUA
}

# Signs in and prints the access token: token_of URL
token_of() {
  curl -sS --noproxy '*' -u "bench:$password" -X POST "$1/auth" | sed -n 's/.*"accessToken":"\([^"]*\)".*/\1/p'
}

median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

# Divides: ratio A B
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", a / b}'; }
