import { readFileSync } from 'node:fs'
import { renderOurKubeconfig } from '../../src/node/kubeconfig.js'
import { findRelease } from '../../src/releases/release.js'
import type { HostFile } from './host-files.js'
import { hostFiles } from './host-files.js'

const redirect = '--kubeconfig=/var/lib/openyurt/kubelet.conf'
export const flagsPath = '/var/lib/kubelet/kubeadm-flags.env'
export const dropInPath = '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf'

/** The static pod of yurtctl, with a bootstrap token in it. */
export const yurtctlHub = readFileSync(new URL('../cases/hosts/yurtctl-hub.yaml', import.meta.url), 'utf8')

/** A flags file with what yurtctl v0.6 adds (pkg/node-servant/convert). */
export function yurtctlFlags(text: string): string {
  return text.replace(/"\n?$/, `  ${redirect} --bootstrap-kubeconfig= "\n`)
}

/** A drop-in with the edit of yurtctl v0.5. */
export function yurtctlDropIn(text: string): string {
  return text
    .replace(/--bootstrap.*bootstrap-kubelet\.conf/, '')
    .replace(/--kubeconfig.*kubelet\.conf/, redirect)
}

/** An edge host that this yurtctl converted: what openyurt.md A7 and A9 say stands there. */
export function yurtctlHost(version: 'v0.5' | 'v0.6'): HostFile[] {
  const added: HostFile[] = [
    { path: '/etc/kubernetes/manifests/yurt-hub.yaml', mode: '0644', text: yurtctlHub },
    {
      path: '/var/lib/openyurt/kubelet.conf',
      mode: '0644',
      text: renderOurKubeconfig(findRelease('v0.6.1').hub),
    },
    { path: '/var/lib/yurthub/pki/yurthub-current.pem', mode: '0600', text: 'a certificate\n' },
    { path: '/etc/kubernetes/cache/kubelet/nodes', mode: '0644', text: '{}\n' },
  ]
  const edited = (file: HostFile): HostFile[] => {
    const { path, text = '' } = file
    if (version === 'v0.6') return [path === flagsPath ? { ...file, text: yurtctlFlags(text) } : file]
    if (path !== dropInPath) return [file]
    return [
      { ...file, text: yurtctlDropIn(text) },
      { ...file, path: `${path}.bk` },
    ]
  }
  return [...hostFiles.edge.flatMap(edited), ...added]
}
