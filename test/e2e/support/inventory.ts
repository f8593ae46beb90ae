import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type Document, parseDocument } from 'yaml'
import { inventoryFile, labDirectory } from './lab.js'

/** A copy of the lab's inventory with a change, beside it: paths in it are relative. Its path. */
export function changedInventory(name: string, change: (file: Document) => void): string {
  const file = readInventory()
  change(file)
  const copy = path.join(labDirectory, `e2e-${name}.yaml`)
  writeFileSync(copy, String(file))
  return copy
}

/** Where a host stands in an inventory file: at its top, or in one of its groups. */
export function hostPath(file: Document, host: string): string[] {
  const { groups = {} } = file.toJS() as { groups?: Record<string, unknown> }
  const places = [['hosts'], ...Object.keys(groups).map((group) => ['groups', group, 'hosts'])]
  const place = places.find((names) => file.hasIn([...names, host]))
  if (place === undefined) throw new Error(`${inventoryFile} has no host ${host}`)
  return [...place, host]
}

/** How to log in to a host of the embedded lab. */
export function login(host: string): { port: number; user: string } {
  const file = readInventory()
  const entry = hostPath(file, host)
  return {
    port: Number(file.getIn([...entry, 'ssh', 'port'])),
    user: String(file.getIn([...entry, 'ssh', 'user'])),
  }
}

function readInventory(): Document {
  return parseDocument(readFileSync(inventoryFile, 'utf8'))
}
