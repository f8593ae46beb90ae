import { describe, expect, it } from 'vitest'
import { complete, valuesIn } from '../../src/cli/complete.js'
import { createProgram } from '../../src/cli/program.js'

const program = createProgram(() => {})
const names = {
  hosts: async () => ['cp-1', 'edge', 'edge-1', 'edge-2'],
  nodes: async () => ['cp-1', 'kiosk-1', 'kiosk-2'],
  labHosts: async () => ['edge-1', 'edge-2'],
  runs: async () => ['20260102t000000-bbbb', '20260101t000000-aaaa'],
}

/** `|` is where the cursor stands. */
const of = async (line: string): Promise<string[] | 'files'> => {
  const found = await complete(program, line.replace('|', '').split(' ').slice(1), names)
  return found === 'files' ? found : found.map(({ value }) => value)
}

describe('completion', () => {
  it.each<[string, string[] | 'files']>([
    ['yurt-ssh con|', ['convert']],
    ['yurt-ssh re|', ['revert', 'recover', 'report', 'rehearse']],
    ['yurt-ssh la|', ['lab']],
    ['yurt-ssh lab |', ['up', 'down', 'fault', 'status']],
    ['yurt-ssh lab up --s|', ['--speed']],
    ['yurt-ssh lab up --dir |', 'files'],
    ['yurt-ssh lab fault --dir /tmp/lab |', ['api', 'edge-1', 'edge-2']],
    ['yurt-ssh lab fault --dir=/tmp/lab edge-1 --cl|', ['--clear']],
    ['yurt-ssh inventory v|', ['validate']],
    ['yurt-ssh inventory list -i a.yaml -i |', 'files'],
    ['yurt-ssh inventory list -i a.yaml --res|', ['--resolved']],
    ['yurt-ssh inventory list --inventory-format a|', ['ansible']],
    ['yurt-ssh snapshot --out |', 'files'],
    ['yurt-ssh rehearse --snapshot |', 'files'],
    ['yurt-ssh __|', []],
    [
      'yurt-ssh convert --yurt-t|',
      ['--yurt-tunnel-server-address', '--yurt-tunnel-server-image', '--yurt-tunnel-agent-image'],
    ],
    ['yurt-ssh revert --lea|', ['--leave-behind']],
    ['yurt-ssh convert -i |', 'files'],
    ['yurt-ssh convert --report r|', 'files'],
    ['yurt-ssh convert --inventory=|', 'files'],
    ['yurt-ssh convert --limit ed|', ['edge', 'edge-1', 'edge-2']],
    ['yurt-ssh convert -l cp-1,edge-|', ['cp-1,edge-1', 'cp-1,edge-2']],
    ['yurt-ssh convert -l edge,!edge-|', ['edge,!edge-1', 'edge,!edge-2']],
    ['yurt-ssh convert --limit=edge-1,c|', ['--limit=edge-1,cp-1']],
    ['yurt-ssh convert --cloud-nodes k|', ['kiosk-1', 'kiosk-2']],
    ['yurt-ssh convert -p ki|', ['kind']],
    ['yurt-ssh convert --provider=mi|', ['--provider=minikube']],
    ['yurt-ssh convert --forks |', []],
    ['yurt-ssh convert --yes --che|', ['--check']],
    ['yurt-ssh apply pl|', 'files'],
    ['yurt-ssh apply plan.json --rep|', ['--report']],
    ['yurt-ssh convert --out |', 'files'],
    ['yurt-ssh report |', ['latest', '20260102t000000-bbbb', '20260101t000000-aaaa']],
    ['yurt-ssh report latest --h|', ['--html']],
    ['yurt-ssh completion |', ['bash', 'zsh', 'fish']],
  ])('%s', async (line, found) => {
    expect(await of(line)).toEqual(found)
  })

  it.each<[string, string[]]>([
    ['convert -i a.yaml -l x', ['a.yaml']],
    ['convert --inventory=a.yaml -i b.yaml', ['a.yaml', 'b.yaml']],
    ['convert -i', []],
    ['convert', []],
  ])('the inventories of "%s" are %j', (line, files) => {
    expect(valuesIn(line.split(' '), '-i', '--inventory')).toEqual(files)
  })
})
