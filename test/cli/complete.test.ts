import { describe, expect, it } from 'vitest'
import { complete, inventoryIn } from '../../src/cli/complete.js'
import { createProgram } from '../../src/cli/program.js'

const program = createProgram(() => {})
const names = {
  hosts: async () => ['cp-1', 'edge', 'edge-1', 'edge-2'],
  nodes: async () => ['cp-1', 'kiosk-1', 'kiosk-2'],
  runs: () => ['20260102t000000-bbbb', '20260101t000000-aaaa'],
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

  it.each<[string, string | undefined]>([
    ['convert -i a.yaml -l x', 'a.yaml'],
    ['convert --inventory=a.yaml', 'a.yaml'],
    ['convert -i', undefined],
    ['convert', undefined],
  ])('the inventory of "%s" is %s', (line, file) => {
    expect(inventoryIn(line.split(' '))).toBe(file)
  })
})
