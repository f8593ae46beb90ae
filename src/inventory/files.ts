import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { fileError } from '../errors/file.js'
import { YurtSshError } from '../errors.js'

export interface TextFile {
  /** As the operator named it; standard input is `<stdin>`. */
  file: string
  text: string
  /** Absolute path of the folder that relative paths in it start from. */
  folder: string
  stdin: boolean
}

/**
 * Reads inventory files in their order; `-` is standard input.
 * @throws YurtSshError INVENTORY_READ: no file, not readable, no UTF-8; USAGE_INVENTORY: `-` twice
 */
export async function readInventoryFiles(paths: readonly string[]): Promise<TextFile[]> {
  if (paths.filter((path) => path === '-').length > 1)
    throw new YurtSshError('USAGE_INVENTORY', 'standard input (-i -) can be read once only')
  const files = await Promise.all(paths.map(readTextFile))
  const program = files.find(({ text }) => text.startsWith('#!'))
  if (program === undefined) return files
  throw new YurtSshError('INVENTORY_READ', `${program.file} is a program, which yurt-ssh does not run`, {
    hint: `give what it says: ansible-inventory -i ${program.file} --list -y | yurt-ssh … -i -`,
  })
}

async function unreadable(path: string, cause: unknown): Promise<YurtSshError> {
  const error = fileError('INVENTORY_READ', `the inventory ${path}`, 'read', cause)
  if (!(cause instanceof Error && 'code' in cause && cause.code === 'EISDIR')) return error
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  const files = entries.filter((entry) => entry.isFile() && /^[^.]+(\.(ya?ml|ini|json))?$/.test(entry.name))
  if (files.length === 0) return error
  const named = files.slice(0, 5).map(({ name }) => `-i ${join(path, name)}`)
  return new YurtSshError(error.code, error.message, {
    hint: `name the inventory in it, several with an -i each: ${named.join(' ')}${files.length > 5 ? ' …' : ''}`,
    cause,
  })
}

/** @throws YurtSshError INVENTORY_READ */
export async function readTextFile(path: string): Promise<TextFile> {
  const stdin = path === '-'
  try {
    const bytes = stdin ? await buffer(process.stdin) : await readFile(path)
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return stdin
      ? { file: '<stdin>', text, folder: process.cwd(), stdin }
      : { file: path, text, folder: dirname(resolve(path)), stdin }
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw await unreadable(path, cause)
    throw new YurtSshError('INVENTORY_READ', `the inventory ${path} is not UTF-8 text`, { cause })
  }
}
