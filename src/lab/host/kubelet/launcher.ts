import type { FaultKind } from '../../faults.js'
import { type KubeletHost, type RunningKubelet, startKubelet } from './kubelet.js'

/**
 * What kubelet.service starts. Under the fault kubelet-does-not-start a kubelet dies with any command line but the one
 * that it ran with before.
 */
export function createLauncher(
  host: KubeletHost,
  faults: ReadonlySet<FaultKind>,
): (argv: readonly string[]) => RunningKubelet | string {
  let proven = ''
  return (argv) => {
    const given = argv.join(' ')
    if (faults.has('kubelet-does-not-start')) {
      if (given !== proven) return 'lab fault: kubelet-does-not-start'
    } else proven = given
    return startKubelet(host, argv)
  }
}
