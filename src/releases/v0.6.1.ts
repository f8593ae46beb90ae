import type { CustomKinds, ObjectName, Release } from './types.js'

const namespace = 'kube-system'

function lease(name: string): ObjectName {
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace, name }
}

function configMap(name: string): ObjectName {
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace, name }
}

const kinds: CustomKinds = {
  group: 'apps.openyurt.io',
  version: 'v1alpha1',
  webhooks: { template: 'yurt-app-webhooks', prefix: 'yurt-app' },
  kinds: [
    {
      kind: 'NodePool',
      plural: 'nodepools',
      singular: 'nodepool',
      shortName: 'np',
      scope: 'Cluster',
      category: 'all',
      columns: [
        { name: 'Type', type: 'string', path: '.spec.type' },
        { name: 'ReadyNodes', type: 'integer', path: '.status.readyNodeNum' },
        { name: 'NotReadyNodes', type: 'integer', path: '.status.unreadyNodeNum' },
        { name: 'Age', type: 'date', path: '.metadata.creationTimestamp' },
      ],
      operations: { mutating: 'CREATE, UPDATE', validating: 'CREATE, UPDATE, DELETE' },
    },
    {
      kind: 'UnitedDeployment',
      plural: 'uniteddeployments',
      singular: 'uniteddeployment',
      shortName: 'ud',
      scope: 'Namespaced',
      category: '',
      columns: [
        { name: 'Ready', type: 'integer', path: '.status.readyReplicas' },
        { name: 'WorkloadTemplate', type: 'string', path: '.status.templateType' },
        { name: 'Age', type: 'date', path: '.metadata.creationTimestamp' },
      ],
      operations: { mutating: 'CREATE, UPDATE', validating: 'CREATE, UPDATE' },
    },
  ],
}

/**
 * v0.6.1 (2022-02-15). CSR v1beta1 and the signer legacy-unknown, which its hub needs, are gone in Kubernetes 1.22;
 * below 1.16 there is no apiextensions v1 and no server-side defaulting of what we compare.
 */
export const classic: Release = {
  name: 'v0.6.1',
  kubernetes: {
    range: '>=1.16.0 <1.22.0',
    hint: 'the certificate API that its hub uses is gone in Kubernetes 1.22: choose a later OpenYurt release',
  },
  images: {
    yurthub: 'docker.io/openyurt/yurthub:v0.6.1',
    yurtControllerManager: 'docker.io/openyurt/yurt-controller-manager:v0.6.1',
    yurtTunnelServer: 'docker.io/openyurt/yurt-tunnel-server:v0.6.1',
    yurtTunnelAgent: 'docker.io/openyurt/yurt-tunnel-agent:v0.6.1',
    yurtAppManager: 'docker.io/openyurt/yurt-app-manager:v0.4.0',
  },
  hub: {
    flavour: 'static-pod',
    name: 'yurt-hub',
    manifest: 'yurt-hub.yaml',
    template: 'hub/v0.6.1.yaml',
    // An unknown flag makes it exit with status 2 (cmd/yurthub/app/options, tried).
    command: ({ mode, serverAddr, joinToken }) => [
      'yurthub',
      '--v=2',
      `--server-addr=${serverAddr}`,
      '--node-name=$(NODE_NAME)',
      `--working-mode=${mode}`,
      ...(joinToken === undefined ? [] : [`--join-token=${joinToken}`]),
    ],
    joinedManifest: 'yurthub.yaml',
    root: '/var/lib/yurthub',
    cache: '/etc/kubernetes/cache',
    openyurtDir: '/var/lib/openyurt',
    kubeconfig: '/var/lib/openyurt/kubelet.conf',
    ca: '/var/lib/yurthub/pki/ca.crt',
    bootstrapConfig: '/var/lib/yurthub/bootstrap-hub.conf',
    ports: { proxy: 10261, health: 10267, secureProxy: 10268 },
    healthPath: '/v1/healthz',
    interface: 'yurthub-dummy0',
    address: '169.254.2.1',
    approver: 'yurt-controller-manager',
  },
  edgeWorkerLabel: 'openyurt.io/is-edge-worker',
  autonomyAnnotation: 'node.beta.openyurt.io/autonomy',
  autonomyValue: 'true',
  lifecycle: { owner: 'yurt-controller-manager', stock: 'off' },
  components: [
    {
      name: 'yurt-controller-manager',
      workload: {
        image: 'yurtControllerManager',
        pods: 'app=yurt-controller-manager',
        runsOn: 'cloud',
      },
      proofs: [
        { kind: 'available' },
        // It has no probes and calls itself healthy without an API: only a Lease held and renewed proves it.
        {
          kind: 'lease',
          name: 'yurt-controller-manager',
          reason: 'it owns the node lifecycle from here on',
        },
      ],
      leftovers: [lease('yurt-controller-manager')],
    },
    { name: 'yurt-hub', proofs: [], leftovers: [] },
    {
      name: 'yurt-tunnel-server',
      option: 'tunnel',
      workload: {
        image: 'yurtTunnelServer',
        pods: 'k8s-app=yurt-tunnel-server',
        runsOn: 'cloud',
        hostFolder: '/var/lib/yurttunnel-server',
      },
      proofs: [{ kind: 'available' }],
      leftovers: [configMap('yurt-tunnel-nodes'), lease('tunnel-dns-controller')],
    },
    {
      name: 'yurt-tunnel-agent',
      option: 'tunnel',
      workload: {
        image: 'yurtTunnelAgent',
        pods: 'k8s-app=yurt-tunnel-agent',
        runsOn: 'edge',
        hostPorts: [10266],
        hostFolder: '/var/lib/yurttunnel-agent',
      },
      // It has no pods before there are edge nodes.
      proofs: [],
      leftovers: [],
    },
    {
      name: 'yurt-app-manager',
      option: 'app-manager',
      workload: { image: 'yurtAppManager', pods: 'control-plane=yurt-app-manager', runsOn: 'cloud' },
      proofs: [{ kind: 'available' }],
      // A ConfigMap up to v0.4 of the image, a Lease since.
      leftovers: [configMap('yurt-app-manager'), lease('yurt-app-manager')],
      kinds,
    },
  ],
}
