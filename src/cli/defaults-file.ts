import { YurtSshError } from '../errors.js'

/** The file of defaults, looked for in the current directory. */
export const defaultsFile = 'yurt-ssh.yaml'

/** A default as it was written: what it says, and where for an error. */
export interface Given {
  value: string | boolean
  /** `yurt-ssh.yaml:2:8`, or the name of a variable. */
  where: string
}

/** Defaults by flag; those under a command's path count for it alone. */
export interface FileDefaults {
  all: Map<string, Given>
  byCommand: Map<string, Map<string, Given>>
}

export function noDefaults(): FileDefaults {
  return { all: new Map(), byCommand: new Map() }
}

export function problem(message: string): YurtSshError {
  return new YurtSshError('USAGE_DEFAULTS', message, { hint: 'docs/reference.md lists what can be set' })
}
