# Shared by the stand-ins. Settings are files in $LAB that a test writes.
R=$YURT_SSH_ROOT
LAB=$R/.lab
PATH=/usr/sbin:/usr/bin:/sbin:/bin
hub_manifest=$R/etc/kubernetes/manifests/yurt-hub.yaml
kcm_manifest=$R/etc/kubernetes/manifests/kube-controller-manager.yaml
our_kubeconfig='--kubeconfig=/var/lib/openyurt/kubelet.conf'

# setting NAME DEFAULT
setting() {
  value=$2
  [ ! -f "$LAB/$1" ] || read -r value < "$LAB/$1"
}

# count NAME: one more than at the last call
count() {
  setting "count-$1" 0
  value=$((value + 1))
  echo "$value" > "$LAB/count-$1"
}

# The host's clock into $now: ten times as fast since LAB_START; or, where `.lab/clock` counts half seconds, what sleeps
# add up to. Somebody may have set it, by `.lab/skew` seconds.
lab_now() {
  if [ -f "$LAB/clock" ]; then
    setting clock 0
    now=$((LAB_START + value / 2))
  else
    # hundredths of a second
    read -r uptime _ < /proc/uptime
    now=$((LAB_START + (${uptime%.*}${uptime#*.} - LAB_UPTIME) / 10))
  fi
  [ -f "$LAB/skew" ] || return 0
  setting skew 0
  now=$((now + value))
}

# no_kubelet: whether none runs; its pid is in $value
no_kubelet() {
  setting kubelet-pid 0
  [ "$value" = 0 ]
}

# through_hub ARGUMENT...: whether the last --kubeconfig is ours
through_hub() {
  last=
  for argument; do
    case $argument in --kubeconfig=*) last=$argument ;; esac
  done
  [ "$last" = "$our_kubeconfig" ]
}

# process NAME ARGUMENT...: a new process with this command line; sets pid
process() {
  count pid
  pid=$((4000 + value))
  mkdir -p "$R/proc/$pid/fd" "$R/proc/$pid/net"
  printf '%s\0' "$@" > "$R/proc/$pid/cmdline"
  printf '%s (%.15s) S 1 1 1 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 9 0 %s 1 1\n' "$pid" "${1##*/}" "$((pid * 7))" > "$R/proc/$pid/stat"
}

# connection PID ADDRESS:PORT, in the kernel's hex: an established connection of that process
connection() {
  ln -s "socket:[$(($1 * 3))]" "$R/proc/$1/fd/9"
  {
    echo '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
    printf '   0: 0100007F:D2F0 0100007F:2740 01 00000000:00000000 00:00000000 00000000     0        0 %s 1 0000000000000000 20 4 30 10 -1\n' "$(($1 * 3 + 1))"
    printf '   1: 0100007F:D2F2 %s 01 00000000:00000000 02:000003A2 00000000     0        0 %s 2 0000000000000000 20 4 30 10 -1\n' "$2" "$(($1 * 3))"
  } > "$R/proc/$1/net/tcp"
}

# The kubelet's static pods, as far as kube-controller-manager: a changed manifest is a new process.
sync_static_pods() {
  [ -f "$kcm_manifest" ] && ! no_kubelet || return 0
  sum=$(cksum < "$kcm_manifest")
  setting kcm-sum ''
  [ "$value" != "$sum" ] || return 0
  printf '%s\n' "$sum" > "$LAB/kcm-sum"
  setting kcm-pid 0
  rm -rf "$R/proc/$value"
  setting kcm runs
  [ "$value" = runs ] || return 0
  # shellcheck disable=SC2046 # an argument a line, none with blanks
  process $(sed -n 's/^    - \(\/hyperkube\|\(.*\/\)*\(kube-\)*controller-manager\|--.*\)$/\1/p' "$kcm_manifest")
  echo "$pid" > "$LAB/kcm-pid"
}

kubelet_stop() {
  no_kubelet || rm -rf "$R/proc/$value"
  echo 0 > "$LAB/kubelet-pid"
}

kubelet_start() {
  no_kubelet || return 0
  setting kubelet runs
  kubelet=$value
  flags=$(sed -n "s/^KUBELET_KUBEADM_ARGS=[\"']\{0,1\}\([^\"']*\)[\"']\{0,1\}$/\1/p" "$R/var/lib/kubelet/kubeadm-flags.env" 2>/dev/null)
  kubeconfigs=$(sed -n 's/^Environment="KUBELET_KUBECONFIG_ARGS=\(.*\)"$/\1/p' "$R/etc/systemd/system/kubelet.service.d/10-kubeadm.conf")
  # shellcheck disable=SC2086 # words
  set -- /usr/bin/kubelet $kubeconfigs --config=/var/lib/kubelet/config.yaml $flags
  process "$@"
  echo "$pid" > "$LAB/kubelet-pid"
  if through_hub "$@" && [ "$kubelet" = 'does not start with other flags' ]; then
    kubelet_stop
  elif through_hub "$@" && [ "$kubelet" != 'ignores the hub' ]; then
    connection "$pid" 0100007F:2815
  else
    connection "$pid" 010200C0:192B
  fi
}
