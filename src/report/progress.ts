import { Listr } from 'listr2'
import type { Plan } from '../plan/types.js'
import type { Emit, RunEvent } from '../rollout/events.js'
import { describeHostStep, isVisible } from './plan.js'
import { duration } from './table.js'

export interface Progress {
  emit: Emit
  /** Draws what is left and gives the terminal back. */
  done: () => Promise<void>
}

/** Live phases on a terminal, else, or without `draw`, a plain line per event with its time. */
export function createProgress(
  plan: Plan,
  stream: NodeJS.WriteStream,
  { draw }: { draw: boolean } = { draw: true },
): Progress {
  return stream.isTTY && draw ? drawPhases(plan) : printLines(stream)
}

function printLines(stream: NodeJS.WriteStream): Progress {
  const print = (text: string): void =>
    void stream.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`)
  return {
    emit(event) {
      const text = describeEvent(event)
      if (text !== undefined) print(text)
    },
    done: () => Promise.resolve(),
  }
}

function describeEvent(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'phase':
      return `[${event.index + 1}/${event.count}] ${event.title}${event.hosts === 0 ? '' : `, ${event.hosts} hosts`}`
    case 'phase-done':
      return `${event.title}: ${duration(event.seconds)}`
    case 'wave':
      return `wave ${event.index + 1}/${event.count}, ${event.hosts} hosts`
    case 'host':
      return undefined
    case 'host-step':
      return isVisible(event.step) ? `${event.host}: ${describeHostStep(event.step)}` : undefined
    case 'host-done':
      return `${event.host}: ${event.status} in ${duration(event.seconds)}${event.message === undefined ? '' : `: ${event.message}`}`
    case 'cluster-step':
    case 'note':
      return event.text
  }
}

/** One listr2 task per phase and never one per host: its renderer redraws every task on every event. */
function drawPhases(plan: Plan): Progress {
  const phases = plan.phases.map(() => {
    const { promise, resolve } = withResolvers()
    return { finished: promise, finish: resolve, show: (_text: string): void => {} }
  })
  const running = new Map<string, string>()
  let current = -1
  const list = new Listr(
    plan.phases.map((phase, index) => ({
      title: phase.title,
      task: async (_context, task) => {
        const own = phases[index]
        if (own === undefined) return
        own.show = (text) => {
          task.output = text
        }
        await own.finished
      },
    })),
    { rendererOptions: { collapseSubtasks: false }, registerSignalListeners: false },
  )
  const drawn = list.run().catch(() => {})
  return {
    emit(event) {
      if (event.type === 'phase') {
        for (let index = 0; index < event.index; index++) phases[index]?.finish()
        current = event.index
      } else if (event.type === 'host-step') running.set(event.host, describeHostStep(event.step))
      else if (event.type === 'host-done') running.delete(event.host)
      const first = [...running].at(-1)
      const text =
        first === undefined ? describeEvent(event) : `${running.size} running, ${first[0]}: ${first[1]}`
      if (text !== undefined) phases[current]?.show(text)
    },
    async done() {
      for (const phase of phases) phase.finish()
      await drawn
    },
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
