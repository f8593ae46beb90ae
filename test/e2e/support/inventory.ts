import { readFileSync, writeFileSync } from 'node:fs'
import { type Document, parseDocument } from 'yaml'
import { inventoryFile, scratchFile } from './lab.js'

/** A copy of the lab's inventory with a change; its path. */
export function changedInventory(name: string, change: (file: Document) => void): string {
  const file = parseDocument(readFileSync(inventoryFile, 'utf8'))
  change(file)
  const path = scratchFile(`${name}.yaml`)
  writeFileSync(path, String(file))
  return path
}
