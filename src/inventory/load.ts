import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { homedir, userInfo } from 'node:os'
import { dirname, resolve } from 'node:path'
import { messageOf, YurtSshError } from '../errors.js'
import { checkShape } from './check.js'
import { duplicateProblems } from './duplicates.js'
import { refuse } from './problems.js'
import { resolveHosts } from './resolve.js'
import { absolutePath, type Surroundings } from './settings.js'
import { readSource } from './source.js'
import type { ConfigLine } from './ssh-config-lines.js'
import { readSshConfig } from './ssh-config-read.js'
import type { Inventory } from './types.js'

/**
 * Reads an inventory file; the login name, the home folder and the usual private keys come from the machine.
 * @throws YurtSshError INVENTORY_READ: no file, or not readable; else as `parseInventory`
 */
export async function loadInventory(path: string, env: NodeJS.ProcessEnv): Promise<Inventory> {
  const text = await readText(path)
  const home = env.HOME || homedir()
  return parseInventory(text, path, {
    folder: dirname(resolve(path)),
    home,
    user: currentUser(env),
    identityFiles: usualIdentities(home),
    sshConfig: sshConfigs(home),
  })
}

/**
 * The inventory that a YAML text holds, every setting resolved. `file` is the name that positions carry.
 * @throws YurtSshError INVENTORY_INVALID, or INVENTORY_HUB_ARGS if nothing but hub arguments is wrong. Its message lists
 * every problem of the first kind found: the YAML itself, then shape and values, then what spans hosts.
 */
export function parseInventory(text: string, file: string, surroundings: Surroundings): Inventory {
  const source = readSource(text, file)
  const tree = checkShape(source)
  const { hosts, problems } = resolveHosts(tree, source, surroundings)
  refuse([...problems, ...duplicateProblems(hosts)])
  if (hosts.length === 0) refuse([{ position: source.valueAt([]), message: 'the inventory has no hosts' }])
  const { kubeconfig, context } = tree.cluster ?? {}
  return {
    file,
    ...(kubeconfig && { kubeconfig: absolutePath(kubeconfig, surroundings) }),
    ...(context && { context }),
    release: tree.openyurt.release,
    images: tree.openyurt.images ?? {},
    hosts,
  }
}

async function readText(path: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
  } catch (cause) {
    const reason = cause instanceof TypeError ? 'it is not UTF-8 text' : messageOf(cause)
    throw new YurtSshError('INVENTORY_READ', `cannot read the inventory ${path}: ${reason}`, {
      hint: 'inventory/example.yaml is one to start from',
      cause,
    })
  }
}

function currentUser(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username
  } catch {
    // A container's user often has no entry in its passwd file.
    return env.USER || 'root'
  }
}

/** The private keys that OpenSSH would try first, as far as they are there. */
function usualIdentities(home: string): string[] {
  return ['id_ed25519', 'id_ecdsa', 'id_rsa']
    .map((name) => resolve(home, '.ssh', name))
    .filter((path) => existsSync(path))
}

/** Each ssh_config is read once, when a host first asks for it. */
function sshConfigs(home: string): (choice: string | null | undefined) => readonly ConfigLine[] {
  const known = new Map<string | null | undefined, ConfigLine[]>()
  return (choice) => {
    const lines = known.get(choice) ?? readSshConfig(choice, home)
    known.set(choice, lines)
    return lines
  }
}
