import { describe, expect, it } from 'vitest'
import { createClock } from '../../../src/lab/clock.js'
import { unitCommand } from '../../../src/lab/host/systemd/command-line.js'
import { createSystemd } from '../../../src/lab/host/systemd/systemctl.js'
import { loadUnit } from '../../../src/lab/host/systemd/unit-files.js'
import { scratch } from './scratch.js'

const service = '[Service]\nExecStart=/usr/bin/kubelet\n'
const dropIn = (line: string) =>
  `[Service]\nEnvironment="A=one two" B=b\nEnvironmentFile=-/etc/flags\nExecStart=\nExecStart=${line}\n`

/** The command line of kubelet.service with these files. */
function command(files: Record<string, string>): string[] | string {
  const root = scratch(files)
  const unit = loadUnit(root, 'kubelet.service')
  if (unit === undefined) return 'not found'
  const found = unitCommand(root, unit.settings)
  return 'problem' in found ? found.problem : found.argv
}

describe('kubelet.service', () => {
  const unit = { '/lib/systemd/system/kubelet.service': service }
  const at = '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf'
  it.each<[string, Record<string, string>, string[] | string]>([
    ['without a drop-in', unit, ['/usr/bin/kubelet']],
    ['a variable alone is words', { ...unit, [at]: dropIn('/k $A $B $C') }, ['/k', 'one', 'two', 'b']],
    ['in braces it is one', { ...unit, [at]: dropIn('/k x${A}y') }, ['/k', 'xone twoy']],
    [
      'an environment file counts before Environment=',
      { ...unit, [at]: dropIn('/k $B'), '/etc/flags': 'B="f g"\n' },
      ['/k', 'f', 'g'],
    ],
    [
      'an environment file that must be there',
      { ...unit, [at]: '[Service]\nEnvironmentFile=/etc/none\n' },
      'Failed to load environment files: /etc/none: No such file or directory',
    ],
    [
      'of two drop-ins with one name that in /etc counts',
      {
        ...unit,
        [at]: dropIn('/etc'),
        '/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf': dropIn('/usr'),
      },
      ['/etc'],
    ],
    [
      'drop-ins are read by name',
      {
        ...unit,
        [at]: dropIn('/ten'),
        '/usr/lib/systemd/system/kubelet.service.d/20-own.conf': dropIn('/twenty'),
      },
      ['/twenty'],
    ],
    ['that is nowhere', {}, 'not found'],
  ])('%s', (_, files, expected) => {
    expect(command(files)).toEqual(expected)
  })
})

it('systemctl shows properties of units in the order in which it is asked, with a blank line between units', async () => {
  const root = scratch({
    '/lib/systemd/system/kubelet.service': `${service}EnvironmentFile=-/etc/a\nEnvironmentFile=/etc/b\n`,
  })
  const { systemctl } = createSystemd(root, createClock(), () => {
    throw new Error('no service is started here')
  })
  const show = async (...args: string[]) => (await systemctl(['show', ...args])).stdout
  expect(await show('-p', 'LoadState', 'k3s.service', 'kubelet')).toBe(
    'LoadState=not-found\n\nLoadState=loaded\n',
  )
  expect(await show('kubelet.service', '-p', 'MainPID', '-p', 'EnvironmentFiles')).toBe(
    'MainPID=0\nEnvironmentFiles=/etc/a (ignore_errors=yes)\nEnvironmentFiles=/etc/b (ignore_errors=no)\n',
  )
})
