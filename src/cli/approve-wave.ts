import { messageOf } from '../errors.js'
import { hostRanges } from '../inventory/host-ranges.js'
import type { WaveAhead } from '../rollout/hosts-phase.js'
import { ask, tell } from './terminal.js'

/** Asks whether a wave may begin. Ctrl-C at the question is a no: hosts were worked before it. */
export async function approveWave(wave: WaveAhead): Promise<boolean> {
  const { title, index, count, hosts, done, failed } = wave
  tell(`${done} hosts done, ${failed} of them failed. Next, ${title}: ${hostRanges(hosts)}`)
  try {
    return await ask(false, `Begin wave ${index + 1} of ${count} with ${hosts.length} hosts?`)
  } catch (error) {
    tell(messageOf(error))
    return false
  }
}
