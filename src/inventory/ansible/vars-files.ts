import { readdir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileError } from '../../errors/file.js'
import { YurtSshError } from '../../errors.js'
import { readTextFile } from '../files.js'
import { didYouMean } from '../nearest.js'
import type { Problem } from '../problems.js'
import { readVariables } from './groups-yaml.js'
import { joinReadings, type Layer, type Reading } from './statements.js'

const extensions = ['.yml', '.yaml', '.json']

export interface Owners {
  groups: ReadonlySet<string>
  hosts: ReadonlySet<string>
}

/**
 * The variables under `group_vars` and `host_vars` in a folder: of each name the folder, else the file without ending, .yml,
 * .yaml or .json. What belongs to nobody is warned of.
 * @throws YurtSshError INVENTORY_READ
 */
export async function readVariableFiles(folder: string, owners: Owners, layer: Layer): Promise<Reading> {
  return joinReadings([
    await readFolder(join(folder, 'group_vars'), owners.groups, 'group', layer),
    await readFolder(join(folder, 'host_vars'), owners.hosts, 'host', layer),
  ])
}

async function readFolder(
  folder: string,
  known: ReadonlySet<string>,
  kind: 'group' | 'host',
  layer: Layer,
): Promise<Reading> {
  const readings: Reading[] = []
  const warnings: Problem[] = []
  const taken = new Set<string>()
  const entries = await entriesIn(folder)
  for (const { name: written, path, directory } of entries.toSorted((a, b) => rank(a.name) - rank(b.name))) {
    const owner = ownerOf(written, known)
    const position = { file: path, line: 1, column: 1 }
    if (owner === undefined) {
      const name = written.replace(/\.(ya?ml|json)$/, '')
      warnings.push({
        position,
        message: `is not read: there is no ${kind} "${name}"${didYouMean(name, known)}`,
      })
    } else if (taken.has(owner)) {
      warnings.push({
        position,
        message: `is not read: another file or folder has the variables of ${kind} "${owner}"`,
      })
    } else {
      taken.add(owner)
      for (const file of directory ? await filesBelow(path) : [path]) {
        const { text } = await readTextFile(file)
        readings.push(readVariables(text, file, kind === 'group' ? { group: owner } : { host: owner }, layer))
      }
    }
  }
  return joinReadings([...readings, { statements: [], problems: [], warnings }])
}

/** What has no ending first, then in the order of `extensions`: the first one of a name counts. */
function rank(name: string): number {
  return extensions.indexOf(extname(name))
}

/** Whose variables a name has: the name itself, or without its ending. */
function ownerOf(name: string, known: ReadonlySet<string>): string | undefined {
  if (known.has(name)) return name
  const bare = extensions.includes(extname(name)) ? name.slice(0, -extname(name).length) : name
  return known.has(bare) ? bare : undefined
}

/** Files as Ansible reads a folder: sorted, folders without an ending too, no hidden ones and no backups. */
async function filesBelow(folder: string): Promise<string[]> {
  const files: string[] = []
  for (const { name, path, directory } of await entriesIn(folder)) {
    const ending = extname(name)
    if (directory && ending === '') files.push(...(await filesBelow(path)))
    if (!directory && ['', ...extensions].includes(ending)) files.push(path)
  }
  return files
}

interface Entry {
  name: string
  path: string
  directory: boolean
}

async function entriesIn(folder: string): Promise<Entry[]> {
  const names = (await namesIn(folder)).filter((name) => !name.startsWith('.') && !name.endsWith('~'))
  return Promise.all(
    names.toSorted().map(async (name) => {
      const path = join(folder, name)
      return { name, path, directory: await isFolder(path) }
    }),
  )
}

/** Links are followed, as Ansible does. What is neither a file nor a folder is refused: a pipe would be read for ever. */
async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch((cause: unknown) => {
    throw fileError('INVENTORY_READ', path, 'read', cause)
  })
  if (!found.isFile() && !found.isDirectory())
    throw new YurtSshError('INVENTORY_READ', `${path} is neither a file nor a folder`, {
      hint: 'move it out of there',
    })
  return found.isDirectory()
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return []
    throw fileError('INVENTORY_READ', folder, 'read', cause)
  }
}
