# shellcheck shell=bash
# Sourced by every script of the lab: paths, messages, times.

lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
checkout=$(cd "$lab/../.." && pwd)
cache=${YURT_SSH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/yurt-ssh}
state=$checkout/.lab
project=yurt-ssh-lab
# Debian's own client first: a newer docker or go elsewhere on PATH does not fit this engine and this tree.
export PATH=/usr/lib/go-1.19/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin

control_planes=(cp-1 cp-2)
workers=(cloud-1 edge-1 edge-2)
nodes=("${control_planes[@]}" "${workers[@]}")

say() { printf '%s\n' "$*" >&2; }
die() {
  say "lab: $*"
  exit 1
}

# part TITLE COMMAND... runs a part and prints the seconds it took; its output goes to a log, shown if it fails.
part() {
  local title=$1 from=$SECONDS log
  shift
  log=$state/log/${title//[^a-zA-Z0-9.-]/-}.log
  mkdir -p "$state/log"
  if "$@" >"$log" 2>&1; then
    say "$(printf '%-48s %4d s' "$title" $((SECONDS - from)))"
    return
  fi
  say "--- $title failed; the last lines of $log:"
  tail -n 40 "$log" >&2
  exit 1
}

# content_key FILE... prints a short hash of what the files hold, for names in the cache.
content_key() { cat "$@" | sha256sum | cut -c1-12; }
