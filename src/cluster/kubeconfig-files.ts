import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { parse } from 'yaml'
import { fileError } from '../errors/file.js'
import { YurtSshError } from '../errors.js'

/** Parts of a kubeconfig as they stand in it, paths made absolute. */
export interface RawKubeconfig {
  clusters: RawEntry[]
  users: RawEntry[]
  contexts: RawEntry[]
  'current-context'?: string
}

export interface RawEntry {
  name?: unknown
  cluster?: Settings
  user?: Settings
  context?: Settings
}

type Settings = Record<string, unknown> | null

/** The files to read, first one wins; a list in $KUBECONFIG may name files that do not exist, as with kubectl. */
export function kubeconfigFiles(given: string | undefined): string[] {
  const listed = process.env.KUBECONFIG?.split(path.delimiter).filter((file) => file !== '') ?? []
  const named = given === undefined ? listed : [given]
  const files = named.length === 0 ? [path.join(homedir(), '.kube', 'config')] : named
  const found = files.filter((file) => existsSync(file))
  if (found.length === 0) throw invalid(files.join(path.delimiter), 'does not exist')
  return found
}

/**
 * One kubeconfig of several files, as kubectl makes it: of entries with equal names the first counts, and the first
 * current-context that is not empty.
 * @throws YurtSshError KUBECONFIG_INVALID, naming the file
 */
export function readKubeconfigs(files: readonly string[]): RawKubeconfig {
  const read = files.map((file) => ({ file, content: contentOf(file) }))
  const empty = read.find(({ content }) => !isObject(content))
  // kubectl takes an empty file for one without entries: `touch` is how some begin one
  if (empty !== undefined && (read.length === 1 || empty.content))
    throw invalid(empty.file, 'is not a kubeconfig')
  const folders = read.flatMap(({ file, content }) =>
    isObject(content) ? [{ folder: path.resolve(path.dirname(file)), content }] : [],
  )
  const entries = (key: 'clusters' | 'users' | 'contexts') =>
    firstByName(
      folders.flatMap(({ folder, content }) => listOf(content[key]).map((entry) => absolute(entry, folder))),
    )
  const current = folders.map(({ content }) => content['current-context']).find(Boolean)
  return {
    clusters: entries('clusters'),
    users: entries('users'),
    contexts: entries('contexts'),
    ...(typeof current === 'string' && { 'current-context': current }),
  }
}

/** Parse errors without an excerpt: it may be a key or a token. */
function contentOf(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw fileError('KUBECONFIG_INVALID', `kubeconfig ${file}`, 'read', error)
  }
  try {
    return parse(text, { merge: true, uniqueKeys: false, prettyErrors: false, logLevel: 'error' })
  } catch (error) {
    const { code = '', pos: [at] = [0] } = error as { code?: string; pos?: number[] }
    const line = text.slice(0, at).split('\n').length
    throw invalid(file, `is not YAML: ${code.toLowerCase().replaceAll('_', ' ')} (line ${line})`)
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function listOf(value: unknown): RawEntry[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

function firstByName(entries: readonly RawEntry[]): RawEntry[] {
  const names = new Map(entries.map(({ name }, index) => [name, index]).reverse() as [unknown, number][])
  return entries.filter(({ name }, index) => name === undefined || names.get(name) === index)
}

const paths = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile']

/** Paths start at the kubeconfig's folder. */
function absolute(entry: RawEntry, folder: string): RawEntry {
  const settle = (settings: Settings | undefined): Settings => {
    const settled = { ...settings }
    for (const key of paths) {
      if (typeof settled[key] === 'string' && settled[key] !== '')
        settled[key] = path.resolve(folder, settled[key])
    }
    const { exec } = settled
    // a command without a slash is looked for in $PATH
    if (isObject(exec) && typeof exec.command === 'string' && exec.command.includes('/'))
      settled.exec = { ...exec, command: path.resolve(folder, exec.command) }
    return settled
  }
  return {
    ...entry,
    ...(entry.cluster && { cluster: settle(entry.cluster) }),
    ...(entry.user && { user: settle(entry.user) }),
  }
}

export function invalid(file: string, problem: string, detail?: string): YurtSshError {
  return new YurtSshError('KUBECONFIG_INVALID', `kubeconfig ${file} ${problem}`, {
    hint: 'give --kubeconfig FILE, set cluster.kubeconfig (and cluster.context) in the inventory, or $KUBECONFIG',
    ...(detail ? { detail } : {}),
  })
}
