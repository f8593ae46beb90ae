import { describe, expect, it } from 'vitest'
import { hubOptions } from '../../../src/lab/programs/hub/options.js'

const good = ['--v=2', '--server-addr=https://192.0.2.10:6443', '--node-name=edge-1']

describe('the command line of a hub', () => {
  it.each<[string, string[], object]>([
    ['as yurt-ssh writes it', [...good, '--working-mode=cloud'], { node: 'edge-1', edge: false }],
    ['edge by default', good, { edge: true, ports: [10267, 10261, 10268], kubeletGrace: 40_000 }],
    ['a value of its own word', [...good, '--proxy-port', '1'], { ports: [10267, 1, 10268] }],
    ['the last of several', [...good, '--working-mode=edge', '--working-mode=cloud'], { edge: false }],
    ['a bare switch', [...good, '--profiling'], { node: 'edge-1' }],
    [
      'several servers',
      ['--node-name=a', '--server-addr=https://a:1,https://b:2'],
      { servers: ['https://a:1', 'https://b:2'] },
    ],
    ['an unknown flag', [...good, '--nope'], { status: 2, words: 'unknown flag: --nope' }],
    ['a flag of v0.7', [...good, '--enable-node-pool=true'], { status: 2 }],
    ['a word that is no flag', [...good, 'x'], { status: 2 }],
    ['no number', [...good, '--gc-frequency=x'], { status: 2 }],
    ['no switch', [...good, '--profiling=maybe'], { status: 2 }],
    ['no duration', [...good, '--kubelet-health-grace-period=40'], { status: 2 }],
    ['no value at the end', [...good, '--join-token'], { status: 2 }],
    ['no node', good.slice(0, 2), { status: 255 }],
    ['no server', ['--node-name=a'], { status: 255 }],
    ['a server without https', ['--node-name=a', '--server-addr=http://a:1'], { status: 255 }],
    ['a server without a scheme', ['--node-name=a', '--server-addr=192.0.2.1:6443'], { status: 255 }],
    ['an unknown mode', [...good, '--working-mode=fog'], { status: 255 }],
    ['a dummy address elsewhere', [...good, '--dummy-if-ip=10.0.0.1'], { status: 255 }],
  ])('%s', (_, args, expected) => {
    expect(hubOptions(args)).toMatchObject(expected)
  })
})
