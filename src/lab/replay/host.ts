import { asPrintedBy, type ReplayRole, type ReplayState, type RoleRecording } from './recording.js'
import { recogniseScript } from './scripts.js'

/** A transaction that a replay host has closed. */
export interface Commit {
  node: string
  role: ReplayRole
  verb: 'convert' | 'revert'
}

export interface ReplayAnswer {
  status: number
  stdout: string
  stderr: string
}

/**
 * A replay host: answers the scripts of a run with what a host of its role printed when it was recorded. It runs
 * nothing, proves nothing, and exists only to measure scale.
 */
export interface ReplayHost {
  answer(script: string): ReplayAnswer
}

export function createReplayHost(
  name: string,
  role: ReplayRole,
  recording: RoleRecording,
  onCommit: (commit: Commit) => void,
): ReplayHost {
  let state: ReplayState = 'native'
  let output = ''
  const done = (stdout = ''): ReplayAnswer => ({ status: 0, stdout, stderr: '' })

  return {
    answer(text) {
      const script = recogniseScript(text)
      switch (script?.kind) {
        case 'facts':
          return done(asPrintedBy(name, recording.facts[state], recording, Date.now()))
        case 'launch': {
          const { verb } = script.transaction ?? { verb: 'convert' }
          state = verb === 'convert' ? 'converted' : 'reverted'
          output = recording.transactions[verb]
          onCommit({ node: name, role, verb })
          return done()
        }
        case 'follow':
          return done(output)
        case 'forget':
          state = 'native'
          return done()
        case undefined:
          return { status: 127, stdout: '', stderr: 'a replay host does not know this script\n' }
      }
    },
  }
}
