/** Lines of a run's output at which each visible step of a host begins. */
export const steps = {
  'the hub’s certificate authority': /create \/var\/lib\/yurthub\/pki\/ca\.crt/,
  'the hub’s bootstrap config': /create \/var\/lib\/yurthub\/bootstrap-hub\.conf/,
  'the hub’s manifest': /create \/etc\/kubernetes\/manifests\/yurt-hub\.yaml/,
  'the wait for the hub': /wait for the hub/,
  'the kubelet’s kubeconfig': /create \/var\/lib\/openyurt\/kubelet\.conf/,
  'the kubelet’s flags': /(create|change) \/var\/lib\/kubelet\/kubeadm-flags\.env/,
  'the restart of the kubelet': /restart the kubelet/,
}
