/** Of a Pod what a kubelet needs. */
export interface Pod {
  apiVersion?: string
  kind?: string
  metadata: {
    name: string
    namespace?: string
    uid?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    deletionTimestamp?: string
    deletionGracePeriodSeconds?: number
  }
  spec: {
    nodeName?: string
    hostNetwork?: boolean
    terminationGracePeriodSeconds?: number
    containers: ContainerSpec[]
    restartPolicy?: string
  }
  status?: { phase?: string }
}

export interface ContainerSpec {
  name: string
  image: string
  imagePullPolicy?: string
  command?: string[]
  args?: string[]
  env?: { name: string; value?: string; valueFrom?: { fieldRef?: { fieldPath: string } } }[]
}
