import type { Command } from 'commander'
import type { CommonOptions, Listener } from '../commands/options.js'
import { type ExitCode, YurtSshError } from '../errors.js'
import type { Snapshot } from '../lab/snapshot/format.js'
import { commonOptions, conversionFlags, type Flags, fleetFlags } from './flags.js'
import { ask, askSecret, interruptions, print, requireSomebody, tell } from './terminal.js'

/** `yurt-ssh snapshot` and `yurt-ssh rehearse`; what they need is loaded when they are called. */
export function addRehearsalCommands(program: Command, finish: (exitCode: ExitCode) => void): void {
  fleetFlags(
    program
      .command('snapshot')
      .description('write what a plan reads of the fleet to a file, without secrets'),
  )
    .requiredOption('--out <file>', 'file to write; must not be there')
    .option('-y, --yes', 'do not ask')
    .action(async (flags: Flags & { out: string }) => {
      const { yes = false } = flags
      requireSomebody(yes)
      const { requireAbsent, takeSnapshot, writeSnapshot } = await import('../commands/snapshot.js')
      requireAbsent(flags.out)
      const { createReadingLine } = await import('./reading-line.js')
      const { renderSnapshot } = await import('../report/snapshot.js')
      const { snapshot, replaced } = await takeSnapshot(commonOptions(flags), {
        signal: interruptions(),
        tell,
        askSecret,
        reading: createReadingLine(),
      })
      await print(flags.json === true, snapshot, renderSnapshot(snapshot, replaced))
      if (!(await ask(yes, `Write it to ${flags.out}?`)))
        throw new YurtSshError('USAGE_NOT_APPROVED', 'not approved; nothing was written')
      writeSnapshot(flags.out, snapshot)
      tell(`Written to ${flags.out}, for you alone to read.`)
    })

  const rehearse = program
    .command('rehearse')
    .description('convert and revert a copy of the fleet in a lab; changes nothing real')
  conversionFlags(fleetFlags(rehearse))
  for (const option of rehearse.options) if (option.long === '--inventory') option.mandatory = false
  rehearse
    .option('--snapshot <file>', 'a snapshot instead of a look at the fleet')
    .option('--diff', 'show every change of files and objects')
    .action(async (flags: Flags & { snapshot?: string }) => {
      const { rehearse: run } = await import('../commands/rehearse.js')
      const { readSnapshot } = await import('../lab/snapshot/format.js')
      const { renderRehearsal } = await import('../report/rehearsal.js')
      const { createReadingLine } = await import('./reading-line.js')
      const listener = { signal: interruptions(), tell, askSecret, reading: createReadingLine() }
      const given = commonOptions(flags)
      const snapshot =
        flags.snapshot === undefined ? await freshSnapshot(given, listener) : readSnapshot(flags.snapshot)
      const rehearsal = await run(snapshot, given, listener)
      await print(flags.json === true, rehearsal, renderRehearsal(rehearsal, { diff: flags.diff === true }))
      finish(rehearsal.exitCode)
    })
}

async function freshSnapshot(given: CommonOptions, listener: Listener): Promise<Snapshot> {
  // -i may be missing here, and only here
  if ((given.inventory as readonly string[] | undefined) === undefined) {
    throw new YurtSshError('USAGE_FLEET', 'there is no fleet to rehearse', {
      hint: 'give an inventory with -i, or a snapshot with --snapshot',
    })
  }
  const { takeSnapshot } = await import('../commands/snapshot.js')
  return (await takeSnapshot(given, listener)).snapshot
}
