import { confirming, describeHostStep, isVisible } from '../plan/describe.js'
import type { RunEvent } from '../rollout/events.js'
import { counted } from '../words.js'
import { duration } from './table.js'

/** -1 --quiet, 0 neither, 1 -v, 2 -vv. */
export type Verbosity = -1 | 0 | 1 | 2

/** An event as one line for people; undefined where this verbosity does not show it. */
export function eventLine(event: RunEvent, verbosity: Verbosity): string | undefined {
  if (verbosity < 0) return isTrouble(event) ? lineOf(event, verbosity) : undefined
  if (event.type === 'host' && verbosity < 1) return undefined
  if (event.type === 'host-output' && verbosity < 2) return undefined
  if (event.type === 'host-step' && !isVisible(event.step) && verbosity < 2) return undefined
  return lineOf(event, verbosity)
}

/** What an operator must see however quiet it is to be. */
export function isTrouble(event: RunEvent): boolean {
  return event.type === 'host-done' && (event.status === 'failed' || event.status === 'unreachable')
}

function lineOf(event: RunEvent, verbosity: Verbosity): string {
  switch (event.type) {
    case 'phase':
      return `[${event.index + 1}/${event.count}] ${event.title}${hostCount(event.hosts)}`
    case 'phase-done':
      return `${event.title}: ${duration(event.seconds)}`
    case 'wave':
      return `wave ${event.index + 1}/${event.count}${hostCount(event.hosts)}`
    case 'host':
      return `${event.host}: begins, ${event.title}`
    case 'host-step': {
      const reason = verbosity > 0 ? ` (${event.step.reason})` : ''
      return `${event.host}: ${describeHostStep(event.step)}${reason}`
    }
    case 'host-output':
      return `${event.host} | ${event.line}`
    case 'host-confirm':
      return `${event.host}: ${confirming}`
    case 'host-done': {
      const message = event.message === undefined ? '' : `: ${event.message}`
      return `${event.host}: ${event.status} in ${duration(event.seconds)}${message}`
    }
    case 'cluster-step':
      return event.text
    case 'note':
      return event.host === undefined ? event.text : `${event.host}: ${event.text}`
  }
}

function hostCount(hosts: number): string {
  return hosts === 0 ? '' : `, ${counted(hosts, 'host')}`
}
