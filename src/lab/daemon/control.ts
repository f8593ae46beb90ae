import { once } from 'node:events'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { messageOf, YurtSshError } from '../../errors.js'
import { apiFaultKinds, faultKinds, isFaultKind } from '../faults.js'
import type { Lab } from '../lab.js'
import type { ApiHealth } from '../types.js'
import { socketFile } from './folder.js'

/** What can be asked of a lab that runs. */
export type ControlRequest = { verb: 'status' } | { verb: 'fault'; target: string; kind: string; on: boolean }

export interface LabStatus {
  speed: number
  api: { url: string; health: ApiHealth }
  hosts: { name: string; role: 'cloud' | 'edge'; port: number; faults: string[] }[]
}

type Answer = { status: LabStatus } | { problem: string; hint?: string }

const apiFaults: readonly ApiHealth[] = apiFaultKinds

/** Answers on the lab's socket: a request is a JSON document, its answer another. */
export function serveControl(lab: Lab): Promise<Server> {
  let health: ApiHealth = 'up'

  function carryOut(request: ControlRequest): Answer {
    if (request.verb === 'fault') {
      const { target, kind, on } = request
      if (target === 'api') {
        const wanted = apiFaults.find((known) => known === kind)
        if (wanted === undefined) return unknownKind(kind, apiFaults)
        health = on ? wanted : 'up'
        lab.behave(health)
      } else {
        const host = lab.hosts.find(({ spec }) => spec.name === target)
        if (host === undefined) return unknownHost(target, lab)
        if (!isFaultKind(kind)) return unknownKind(kind, faultKinds)
        host.setFault(kind, on)
      }
    }
    const hosts = lab.hosts.map(({ spec, port, faults }) => ({
      name: spec.name,
      role: spec.role,
      port,
      faults: [...faults],
    }))
    return { status: { speed: lab.clock.speed, api: { url: lab.api.url, health }, hosts } }
  }

  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy())
    received(socket)
      .then((request) => carryOut(JSON.parse(request) as ControlRequest))
      .catch((error: unknown): Answer => ({ problem: messageOf(error) }))
      .then((answer) => socket.end(JSON.stringify(answer)))
      .catch(() => socket.destroy())
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketFile(lab.dir), () => resolve(server))
  })
}

function unknownHost(target: string, { hosts }: Lab): Answer {
  const names = hosts.map(({ spec }) => spec.name).join(', ')
  return { problem: `the lab has no host ${target}`, hint: `it has ${names}, and api` }
}

function unknownKind(kind: string, known: readonly string[]): Answer {
  return { problem: `there is no fault ${kind}`, hint: `there are ${known.join(', ')}` }
}

/** Asks the lab in a folder. @throws YurtSshError LAB_DOWN when none answers there, USAGE_LAB what it refuses */
export async function askLab(dir: string, request: ControlRequest): Promise<LabStatus> {
  const answer = await exchange(dir, request).catch((cause: unknown) => {
    throw new YurtSshError('LAB_DOWN', `no lab answers in ${dir}`, {
      cause,
      hint: `start one with \`yurt-ssh lab up --dir ${dir}\``,
    })
  })
  if ('status' in answer) return answer.status
  throw new YurtSshError('USAGE_LAB', answer.problem, answer.hint === undefined ? {} : { hint: answer.hint })
}

async function exchange(dir: string, request: ControlRequest): Promise<Answer> {
  const socket = createConnection(socketFile(dir))
  await once(socket, 'connect')
  socket.end(JSON.stringify(request))
  return JSON.parse(await received(socket)) as Answer
}

/** Everything until the other side is done; the socket stays open for an answer. */
async function received(socket: Socket): Promise<string> {
  const parts: Buffer[] = []
  socket.on('data', (part) => parts.push(part))
  await once(socket, 'end')
  return Buffer.concat(parts).toString('utf8')
}
