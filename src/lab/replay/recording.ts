/** A host's place in the fleet: its scripts answer differently in each. */
export type ReplayRole = 'edge' | 'cloud' | 'control-plane'

/** Between two scripts a host is in one of these states; `reverted` has our folder left. */
export type ReplayState = 'native' | 'converted' | 'reverted'

/** What the scripts of a run printed on a host of a role. */
export interface RoleRecording {
  /** Its name in what it printed. */
  hostname: string
  facts: Record<ReplayState, string>
  /** The output of its transactions, as the follow script prints it. */
  transactions: Record<'convert' | 'revert', string>
}

export type Recording = Record<ReplayRole, RoleRecording>

/** A recorded output as another host prints it now: its own name, and the time. */
export function asPrintedBy(name: string, output: string, { hostname }: RoleRecording, now: number): string {
  return output
    .replace(`fact hostname ${hostname}\n`, `fact hostname ${name}\n`)
    .replace(/^fact clock \d+$/m, `fact clock ${Math.floor(now / 1000)}`)
}
