# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by lib.sh: what the lab of Kubernetes 1.20 has for itself.

release=v1.20.2
build_kubernetes=build-from-debian
build_minutes='7 to 10'
openyurt=v0.6.1
# image, program in OPENYURT_BIN, package of ./standin
components=(
  'yurthub yurthub hub'
  'yurt-controller-manager yurt-controller-manager ycm'
  'yurt-tunnel-server yurt-tunnel-server tunnel'
  'yurt-tunnel-agent yurt-tunnel-agent tunnel'
)
servant=''

project=yurt-ssh-lab
prefix=''
state=$checkout/.lab
network=10.80.7

kubeadm_api=v1beta2
cri_socket=/run/containerd/containerd.sock
kubelet_settings=''
pause=k8s.gcr.io/pause:3.2
etcd=/usr/bin/etcd
dropins=/etc/systemd/system
dropins_of_cloud=/usr/lib/systemd/system
dummy=yurthub-dummy0
hub_args_without_dummy='"--enable-dummy-if=false", "--access-server-through-hub=false"'
# "master disruption mode", see restart-controllers
restarts_controllers=1
