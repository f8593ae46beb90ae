import { existsSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { resolve } from 'node:path'
import { buildInventory } from './build.js'
import { readInventoryFiles } from './files.js'
import { anchorPaths } from './merge.js'
import type { Surroundings } from './settings.js'
import { readSource } from './source.js'
import type { Inventory } from './types.js'

/**
 * Reads inventory files, the later ones over the earlier; the login name, the home folder and the usual private keys come
 * from the machine.
 * @throws YurtSshError INVENTORY_READ: no file, or not readable; else as `buildInventory`
 */
export async function loadInventory(paths: readonly string[], env: NodeJS.ProcessEnv): Promise<Inventory> {
  const files = await readInventoryFiles(paths)
  const home = env.HOME || homedir()
  const surroundings: Surroundings = {
    folder: files[0]?.folder ?? process.cwd(),
    home,
    user: currentUser(env),
    identityFiles: usualIdentities(home),
  }
  const sources = files.map(({ text, file, folder }) => anchorPaths(readSource(text, file, env), folder))
  return buildInventory(paths.join(', '), sources, surroundings)
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
