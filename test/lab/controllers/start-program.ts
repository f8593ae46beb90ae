import { randomUUID } from 'node:crypto'
import type { Clock, LabApi, Program, RunningProgram } from '../../../src/lab/types.js'

export interface Started extends RunningProgram {
  lines: string[]
  identity: string
}

/** Starts a stand-in on a node, under the identity of its credentials. */
export function startProgram(
  program: Program,
  where: { api: LabApi; clock: Clock; node: string; user: string; args?: string[] },
): Started {
  const { api, clock, node, user, args = [] } = where
  const lines: string[] = []
  const identity = `${node}_${randomUUID()}`
  const running = program({
    args,
    env: {},
    node,
    identity,
    send: (request) => api.send({ ...request, user }),
    clock,
    log: (line) => lines.push(line),
  })
  return { ...running, lines, identity }
}
