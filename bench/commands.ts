/** The commands that are measured on a fleet, in an order that leaves it as it was, and the exit codes of success. */
export const commands: readonly {
  what: string
  args: readonly string[]
  exitCodes: readonly number[]
}[] = [
  // of a fleet that is not converted, `status` says so by 10
  { what: 'status', args: ['status'], exitCodes: [10] },
  { what: 'convert', args: ['convert', '--yes'], exitCodes: [0] },
  { what: 'second convert', args: ['convert', '--yes'], exitCodes: [0] },
  { what: 'revert', args: ['revert', '--yes'], exitCodes: [0] },
]
