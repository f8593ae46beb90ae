import type { Surroundings } from '../commands/options.js'
import { messageOf } from '../errors.js'
import { hostRanges } from '../inventory/host-ranges.js'
import type { RunEvent } from '../rollout/events.js'
import { ask, tell } from './terminal.js'

/**
 * Progress that steps aside while the operator is asked about a wave: a live drawing and a question cannot share the
 * terminal, so the drawing ends there and begins anew.
 */
export function askingBetweenWaves(
  watch: Surroundings['watch'],
): Pick<Surroundings, 'watch' | 'approveWave'> {
  let aside: () => Promise<void> | void = () => {}
  let again: () => void = () => {}
  return {
    watch(plan) {
      let progress = watch(plan)
      let phase: RunEvent | undefined
      aside = () => progress.done()
      again = () => {
        progress = watch(plan)
        if (phase !== undefined) progress.emit(phase)
      }
      return {
        emit(event) {
          if (event.type === 'phase') phase = event
          progress.emit(event)
        },
        done: () => progress.done(),
      }
    },
    async approveWave({ title, index, count, hosts, done, failed }) {
      await aside()
      tell(`${done} hosts done, ${failed} of them failed. Next, ${title}: ${hostRanges(hosts)}`)
      const begin = `Begin wave ${index + 1} of ${count} with ${hosts.length} hosts?`
      const approved = await ask(false, begin).catch((error: unknown) => {
        tell(messageOf(error))
        return false
      })
      again()
      return approved
    },
  }
}
