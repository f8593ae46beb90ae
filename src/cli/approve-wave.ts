import { YurtSshError } from '../errors.js'
import { hostRanges } from '../inventory/host-ranges.js'
import type { WaveAhead } from '../rollout/hosts-phase.js'
import { counted } from '../words.js'
import { ask, tell } from './terminal.js'

/** Asks whether a wave may begin. Ctrl-C at the question is a no: the hosts of the waves before have been worked. */
export async function approveWave(wave: WaveAhead): Promise<boolean> {
  const { title, index, count, hosts, done, failed } = wave
  tell(`Done so far: ${done}, of them failed: ${failed}. Next, ${title}: ${hostRanges(hosts)}`)
  return ask(false, `Begin wave ${index + 1} of ${count}, ${counted(hosts.length, 'host')}?`).catch(
    () => false,
  )
}

/** @throws YurtSshError USAGE_NOBODY_TO_ASK where nobody could answer before a wave */
export function requireAnswers(confirmWaves: boolean): void {
  if (!confirmWaves || process.stdin.isTTY) return
  throw new YurtSshError('USAGE_NOBODY_TO_ASK', 'there is no terminal to ask on before each wave', {
    hint: 'leave out --confirm-waves; --pause waits between waves without asking',
  })
}
