import { describe, expect, it } from 'vitest'
import { isConverted, nativeFiles, unitFiles } from '../../../src/lab/rehearsal/native.js'
import {
  convertedFacts,
  hostNamed,
  masterFacts,
  nativeFacts,
  options,
  switchedMasterFacts,
} from '../../support/facts.js'

const native = nativeFacts()
const converted = convertedFacts(hostNamed('edge-1'), native, options)

describe('a host of a snapshot, as the lab builds it', () => {
  it('has the files that its facts know by their text', () => {
    const { flags, kubeletConfig, kubeconfig, ca } = native.files
    expect(nativeFiles(native, options)).toEqual(
      [flags, kubeletConfig, kubeconfig, ca].map(({ path, mode, content }) => ({
        path,
        mode,
        text: content,
      })),
    )
  })

  it.each([
    ['an edge host', converted, native],
    ['a control-plane host', switchedMasterFacts(), masterFacts()],
  ])('has them as before OpenYurt where %s is converted already', (_, facts, before) => {
    expect(isConverted(facts, options)).toBe(true)
    expect(nativeFiles(facts, options)).toEqual(nativeFiles(before, options))
  })

  it('is not called converted when nothing of ours is there', () => {
    expect([native, masterFacts()].map((facts) => isConverted(facts, options))).toEqual([false, false])
  })

  it('gets back unit file and drop-ins, comments that look like paths among them', () => {
    const unit = '[Unit]\n# /usr/bin/kubelet is started below\nDescription=kubelet\n'
    const dropIn = '# Note: for kubeadm\n[Service]\nExecStart=\n'
    const unitPaths = ['/lib/systemd/system/kubelet.service', '/etc/systemd/system/kubelet.service.d/10.conf']
    const unitText = `# ${unitPaths[0]}\n${unit}\n# ${unitPaths[1]}\n${dropIn}`
    expect(unitFiles({ ...native.kubelet, unitPaths, unitText })).toEqual([
      { path: unitPaths[0], mode: '0644', text: unit },
      { path: unitPaths[1], mode: '0644', text: dropIn },
    ])
  })
})
