import { type Command, Option } from 'commander'
import { type Amount, defaultPace, type Pace, parseAmount, parseSerial } from '../rollout/pace.js'
import { seconds } from './duration.js'

/** What commander reads of the flags below; one that was not given is absent. */
export interface RolloutFlags {
  serial?: Amount[]
  serialBy?: string
  maxUnavailable?: Amount
  pause?: number
  confirmWaves?: boolean
  maxFail?: Amount
  failFast?: boolean
  out?: string
}

/** Flags of a run in waves; docs/rollout.md explains them. */
export function rolloutFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--serial <sizes>', 'work hosts in waves of these sizes, such as 1,10%,100%').argParser(
        parseSerial,
      ),
    )
    .option('--serial-by <level>', 'make waves of groups: a depth from 1, or what their names begin with')
    .addOption(
      new Option('--max-unavailable <n>', 'most hosts of a group worked at a time, or N%').argParser((text) =>
        parseAmount(text, '--max-unavailable'),
      ),
    )
    .addOption(new Option('--pause <duration>', 'wait between waves').argParser(seconds))
    .option('--confirm-waves', 'ask before every wave but the first, with --yes too')
    .addOption(
      new Option(
        '--max-fail <n>',
        'hosts that may fail or be unreachable before a run stops, or N%',
      ).argParser((text) => parseAmount(text, '--max-fail', 0)),
    )
    .option('--fail-fast', 'stop at the first host that fails, whatever --max-fail says')
    .option('--out <file>', 'store the plan for yurt-ssh apply instead of running it')
}

/** The flags as a run takes them. */
export function paceOf(flags: RolloutFlags): Pace {
  const { serial, serialBy, maxUnavailable, pause, confirmWaves, maxFail, failFast } = flags
  return {
    serial: serial ?? defaultPace.serial,
    ...(serialBy === undefined ? {} : { serialBy }),
    ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
    pauseSeconds: pause ?? defaultPace.pauseSeconds,
    confirmWaves: confirmWaves ?? defaultPace.confirmWaves,
    ...(maxFail === undefined ? {} : { maxFail }),
    failFast: failFast ?? defaultPace.failFast,
  }
}
