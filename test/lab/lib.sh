# shellcheck shell=bash disable=SC2034
# Sourced by every script of the lab: which lab, paths, messages, times.

lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
checkout=$(cd "$lab/../.." && pwd)
cache=${YURT_SSH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/yurt-ssh}
# Debian's own client first: a newer docker or go elsewhere on PATH does not fit this engine and the tree of 1.20.
export LAB_OUTER_PATH=${LAB_OUTER_PATH:-$PATH}
export PATH=/usr/lib/go-1.19/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin

control_planes=(cp-1 cp-2)
workers=(cloud-1 edge-1 edge-2)
nodes=("${control_planes[@]}" "${workers[@]}")

say() { printf '%s\n' "$*" >&2; }
die() {
  say "lab: $*"
  exit 1
}

# Every script takes --kubernetes VERSION first; what it calls has it from the environment.
if [ "${1:-}" = --kubernetes ]; then
  LAB_VERSION=${2:-}
  shift $(($# < 2 ? 1 : 2))
fi
export LAB_VERSION=${LAB_VERSION-1.20}
[ -f "$lab/versions/$LAB_VERSION.sh" ] ||
  die "--kubernetes '$LAB_VERSION': there is $(cd "$lab/versions" && echo *.sh | sed 's/\.sh//g')"
# shellcheck source=versions/1.34.sh
. "$lab/versions/$LAB_VERSION.sh"

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

# content_key FILE... (- for the input) prints a short hash of what the files hold, for names in the cache.
content_key() { cat -- "$@" | sha256sum | cut -c1-12; }

compose() {
  LAB_KUBERNETES=$(<"$state/kubernetes") LAB_IMAGES=$cache/images \
    LAB_PROJECT=$project LAB_PREFIX=$prefix LAB_NETWORK=$network LAB_PAUSE=$pause LAB_ETCD=$etcd \
    docker-compose -p "$project" --project-directory "$checkout" -f "$checkout/docker-compose.yml" "$@"
}

# on MACHINE COMMAND... runs it there; the input goes along.
on() { docker exec -i "$prefix$1" "${@:2}"; }

address() { docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$prefix$1"; }

# pod_cidr NODE: a /24 by the last number of the node's address.
pod_cidr() {
  local address
  address=$(address "$1")
  echo "10.244.${address##*.}.0/24"
}

# on_all COMMAND... runs COMMAND... NODE for every node at the same time; fails if one does.
on_all() {
  local node pid failed=0 pids=()
  for node in "${nodes[@]}"; do
    "$@" "$node" &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
  return $failed
}

# need_own_lab: root, and no lab of this version that another checkout brought up.
need_own_lab() {
  local owner
  [ "$(id -u)" = 0 ] || die "not root; run: sudo $(realpath "$0")"
  [ $# = 0 ] || die "$*: only --kubernetes VERSION can be given"
  owner=$(docker ps -aq --filter "label=com.docker.compose.project=$project" 2>/dev/null | head -n 1 |
    xargs -r docker inspect -f '{{index .Config.Labels "com.docker.compose.project.working_dir"}}') || true
  [ -z "$owner" ] || [ "$owner" = "$checkout" ] ||
    die "the lab of Kubernetes $LAB_VERSION that runs here was brought up from $owner. There: npm run lab:down -- --kubernetes $LAB_VERSION;" \
      "or, whoever made it: $lab/remove-machines --kubernetes $LAB_VERSION"
}
