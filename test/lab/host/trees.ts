import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** What the lab and the kernel keep of themselves, and what a kubelet logs. */
const left = new Set(['/.lab', '/proc', '/sys', '/var/log'])

/** Path, kind, rights and bytes of everything in a host's folder that a revert must restore. */
export function tree(root: string, folder = ''): Record<string, string> {
  return Object.fromEntries(
    readdirSync(root + folder).flatMap((name): [string, string][] => {
      const path = `${folder}/${name}`
      if (left.has(path)) return []
      const found = lstatSync(root + path)
      const rights = (found.mode & 0o7777).toString(8)
      if (found.isSymbolicLink()) return [[path, `link to ${readlinkSync(root + path)}`]]
      if (found.isDirectory()) return [[path, `folder ${rights}`], ...Object.entries(tree(root, path))]
      const sum = createHash('sha256')
        .update(readFileSync(root + path))
        .digest('hex')
        .slice(0, 12)
      return [[path, `file ${rights} ${sum}`]]
    }),
  )
}
