# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by lib.sh: what the lab of Kubernetes 1.34 has for itself.

release=v1.34.4
build_kubernetes=build-from-modules
build_minutes='6 to 15'
openyurt=v1.7.0
# image, program in OPENYURT_BIN, package of ./standin
components=(
  'yurthub yurthub hub'
  'yurt-manager yurt-manager manager'
)
# with an image of conversion Jobs
servant=1

project=yurt-ssh-lab-1-34
prefix=k1.34-
state=$checkout/.lab-1.34
network=10.80.8

kubeadm_api=v1beta4
cri_socket=unix:///run/containerd/containerd.sock
kubelet_settings='failCgroupV1: false'
pause=registry.k8s.io/pause:3.10.1
etcd=/opt/kubernetes/etcd
dropins=/usr/lib/systemd/system
dropins_of_cloud=/etc/systemd/system
dummy=hub-dummy0
hub_args_without_dummy='"--enable-dummy-if=false", "--disabled-resource-filters=masterservice"'
restarts_controllers=''
