import { describe, expect, it } from 'vitest'
import { type Commit, createReplayHost } from '../../../src/lab/replay/host.js'
import type { RoleRecording } from '../../../src/lab/replay/recording.js'
import { createFrameReader, recogniseScript } from '../../../src/lab/replay/scripts.js'
import { factsScript } from '../../../src/node/facts-script.js'
import { findRelease } from '../../../src/releases/release.js'
import { followScript, forgetScript, transactionScripts } from '../../../src/rollout/scripts.js'
import { frame } from '../../../src/ssh/framing.js'

const transaction = {
  kind: 'hub',
  verb: 'revert',
  steps: [{ kind: 'wait-hub', timeoutSeconds: 1, reason: 'a test' }],
  cleanup: [],
  deadlineSeconds: 60,
} as const
const release = findRelease('v0.6.1')
const context = { runId: 'run1', node: 'edge-7', release }
const scripts = {
  facts: factsScript({
    node: 'edge-7',
    images: [],
    servers: [],
    release,
  }),
  launch: transactionScripts({ ...transaction, steps: [...transaction.steps], cleanup: [] }, context).launch,
  follow: followScript('run1-hub'),
  forget: forgetScript(),
}

/** A script as a shell gets it, in pieces that end anywhere. */
function overTheWire(text: string): string {
  let found = ''
  const read = createFrameReader((script) => {
    found = script.text
  })
  for (const piece of frame(text, 'abc123').match(/[\s\S]{1,1000}/g) ?? []) read(piece)
  return found
}

describe('replay hosts', () => {
  it.each(Object.entries(scripts))('recognise the %s script as the product sends it', (kind, text) => {
    expect(recogniseScript(overTheWire(text))?.kind).toBe(kind)
  })

  it('know a transaction by its id and what it does', () => {
    expect(recogniseScript(overTheWire(scripts.launch))).toEqual({
      kind: 'launch',
      transaction: { id: 'run1-hub', verb: 'revert' },
    })
  })

  it('answer what a host of their role printed in their state, under their own name', () => {
    const recording: RoleRecording = {
      hostname: 'edge-1',
      facts: {
        native: 'fact hostname edge-1\nfact clock 1\n',
        converted: 'fact hostname edge-1\nconverted\n',
        reverted: 'fact hostname edge-1\nreverted\n',
      },
      transactions: { convert: 'there\n', revert: 'and back\n' },
    }
    const commits: Commit[] = []
    const host = createReplayHost('edge-7', 'edge', recording, (commit) => commits.push(commit))
    const facts = () => host.answer(overTheWire(scripts.facts)).stdout
    expect(facts()).toMatch(/^fact hostname edge-7\nfact clock \d{10}\n$/)
    host.answer(overTheWire(scripts.launch))
    expect(host.answer(overTheWire(scripts.follow)).stdout).toBe('and back\n')
    expect(facts()).toContain('reverted')
    expect(commits).toEqual([{ node: 'edge-7', role: 'edge', verb: 'revert' }])
    host.answer(overTheWire(scripts.forget))
    expect(facts()).not.toContain('reverted')
    expect(host.answer("( eval 'rm -rf /' )").status).toBe(127)
  })
})
