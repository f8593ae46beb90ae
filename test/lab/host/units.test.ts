import { describe, expect, it } from 'vitest'
import { createClock } from '../../../src/lab/clock.js'
import { unitCommand } from '../../../src/lab/host/systemd/command-line.js'
import { readEnvironment } from '../../../src/lab/host/systemd/environment.js'
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

it('systemctl shows units in the order in which it is asked, with a blank line between them', async () => {
  const root = scratch({
    '/lib/systemd/system/kubelet.service': `${service}EnvironmentFile=-/etc/a\nEnvironmentFile=/etc/b\n`,
  })
  const { systemctl } = createSystemd(root, 247, createClock(), () => {
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

it.each([
  [219, 'EnvironmentFile=/etc/a (ignore_errors=yes)\n'],
  [230, 'EnvironmentFile=/etc/a (ignore_errors=yes)\n\n'],
  [237, 'EnvironmentFile=/etc/a (ignore_errors=yes)\n'],
  [238, 'EnvironmentFiles=/etc/a (ignore_errors=yes)\n'],
  [255, 'EnvironmentFiles=/etc/a (ignore_errors=yes)\n'],
])('systemctl speaks as that of systemd %d, in an order of its own', async (version, files) => {
  const root = scratch({ '/lib/systemd/system/kubelet.service': `${service}EnvironmentFile=-/etc/a\n` })
  const { systemctl } = createSystemd(root, version, createClock(), () => {
    throw new Error('no service is started here')
  })
  const said = await systemctl([
    'show',
    '-p',
    'LoadState',
    '-p',
    'EnvironmentFiles',
    '-p',
    'MainPID',
    'kubelet',
  ])
  expect(said.stdout).toBe(`MainPID=0\n${files}LoadState=loaded\n`)
  expect((await systemctl(['--version'])).stdout).toMatch(new RegExp(`^systemd ${version}\\b`))
})

describe('an environment file', () => {
  it.each<[string, string, [string, string][]]>([
    [
      'quotes of both kinds',
      `A="a b" \nB='c "d"'\n`,
      [
        ['A', 'a b'],
        ['B', 'c "d"'],
      ],
    ],
    ['pieces beside each other', `A="a"'b'\n`, [['A', 'ab']]],
    ['no quotes', 'A=a "b" c  \n', [['A', 'a "b" c']]],
    [
      'a line that goes on',
      'A=a \\\n  b\nB="c \\\n  d"\n',
      [
        ['A', 'a   b'],
        ['B', 'c   d'],
      ],
    ],
    ['quotes over two lines', 'A="a\nb"\n', [['A', 'a\nb']]],
    ['comments', '# A=a\n; B=b\n  # C=c\nD=d # no comment\n', [['D', 'd # no comment']]],
    ['what is none', 'export A\n[x]\n  B =b\n', [['B', 'b']]],
    [
      'escapes',
      'A="\\"\\$\\n"\nB=a\\ b\\\\\n',
      [
        ['A', '"$\\n'],
        ['B', 'a b\\'],
      ],
    ],
    [
      'nothing',
      'A=\nB=""\n',
      [
        ['A', ''],
        ['B', ''],
      ],
    ],
  ])('with %s', (_, text, expected) => {
    expect(readEnvironment(text)).toEqual(expected)
  })
})
