import { existsSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { resolve } from 'node:path'
import { type AnsibleFile, loadAnsible } from './ansible/load.js'
import { buildInventory } from './build.js'
import { readInventoryFiles } from './files.js'
import { formatOf } from './format.js'
import { anchorPaths } from './merge.js'
import type { Surroundings } from './settings.js'
import { readSource } from './source.js'
import type { ConfigLine } from './ssh-config-lines.js'
import { readSshConfig } from './ssh-config-read.js'
import type { Inventory } from './types.js'

/**
 * Reads inventory files, the later ones over the earlier and native ones over Ansible's. `format` forces one upon all of
 * them. The login name, the home folder and the usual private keys come from the machine.
 * @throws YurtSshError INVENTORY_READ: no file, or not readable; else as `buildInventory`
 */
export async function loadInventory(
  paths: readonly string[],
  env: NodeJS.ProcessEnv,
  format?: 'native' | 'ansible',
): Promise<Inventory> {
  const files = await readInventoryFiles(paths)
  const home = env.HOME || homedir()
  const surroundings: Surroundings = {
    folder: files[0]?.folder ?? process.cwd(),
    home,
    user: currentUser(env),
    identityFiles: usualIdentities(home),
    sshConfig: sshConfigs(home),
  }
  const told = files.map((file) => ({ ...file, format: formatOf(file, format) }))
  const ansible = told.filter((file): file is AnsibleFile => file.format !== 'native')
  const native = told
    .filter((file) => file.format === 'native')
    .map(({ text, file, folder }) => anchorPaths(readSource(text, file, env), folder))
  if (ansible.length === 0) return buildInventory(paths.join(', '), native, surroundings)
  const { source, foreign } = await loadAnsible(ansible, surroundings)
  return buildInventory(paths.join(', '), [source, ...native], surroundings, foreign)
}

/**
 * The inventory that one native YAML text holds, every setting resolved. `file` is the name that positions carry.
 * @throws YurtSshError as `buildInventory`
 */
export function parseInventory(
  text: string,
  file: string,
  surroundings: Surroundings,
  env: NodeJS.ProcessEnv = {},
): Inventory {
  return buildInventory(file, [readSource(text, file, env)], surroundings)
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
