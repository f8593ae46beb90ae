import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { readUnit, type UnitSetting } from './unit-text.js'

/** A unit as systemd has read it. */
export interface LoadedUnit {
  fragment: string
  dropIns: string[]
  settings: UnitSetting[]
}

/** Where systemd looks, first one wins (systemd.unit(5)). */
const folders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
]

/** A unit with its drop-ins: by name, and of one name the file in the first folder. */
export function loadUnit(root: string, name: string): LoadedUnit | undefined {
  const fragment = folders.map((folder) => `${folder}/${name}`).find((path) => existsSync(root + path))
  if (fragment === undefined) return undefined
  const byName = new Map<string, string>()
  for (const folder of folders.map((folder) => `${folder}/${name}.d`)) {
    const files = existsSync(root + folder) ? readdirSync(root + folder) : []
    for (const file of files.filter((file) => file.endsWith('.conf')))
      if (!byName.has(file)) byName.set(file, `${folder}/${file}`)
  }
  const dropIns = [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path)
  return {
    fragment,
    dropIns,
    settings: [fragment, ...dropIns].flatMap((path) => readUnit(readFileSync(root + path, 'utf8'))),
  }
}

/** As `systemctl cat` prints files. */
export function unitText(root: string, paths: readonly string[]): string {
  return paths.map((path) => `# ${path}\n${readFileSync(root + path, 'utf8')}\n`).join('')
}
