import { dirname } from 'node:path'
import type { Foreign } from '../build.js'
import type { TextFile } from '../files.js'
import type { Surroundings } from '../settings.js'
import type { Source } from '../source.js'
import { convertAnsible } from './convert.js'
import { readYaml } from './groups-yaml.js'
import { readIni } from './ini.js'
import { clusterGroup, isNodeGroup } from './roles.js'
import { joinReadings, type Reading, type Statement } from './statements.js'
import { type Owners, readVariableFiles } from './vars-files.js'

/** A file with the format that it is read in. */
export type AnsibleFile = TextFile & { format: 'ini' | 'yaml' }

/**
 * Ansible's inventory, of one or several files, with group_vars and host_vars beside them.
 * @throws YurtSshError INVENTORY_READ, INVENTORY_INVALID
 */
export async function loadAnsible(
  files: readonly AnsibleFile[],
  surroundings: Surroundings,
): Promise<{ source: Source; foreign: Foreign }> {
  const read = ({ text, file, format }: AnsibleFile) =>
    format === 'ini' ? readIni(text, file) : readYaml(text, file)
  const inventory = withClusterGroup(joinReadings(files.map(read)))
  const folders = new Set(files.filter(({ stdin }) => !stdin).map(({ file }) => dirname(file)))
  const variables: Reading[] = []
  for (const folder of folders)
    variables.push(await readVariableFiles(folder, ownersIn(inventory), variables.length + 1))
  return convertAnsible(
    joinReadings([inventory, ...variables]),
    files.map(({ file }) => file),
    surroundings,
  )
}

function ownersIn({ statements }: Reading): Owners {
  const groups = statements.flatMap((statement) => (statement.kind === 'group' ? [statement.group] : []))
  const hosts = statements.flatMap((statement) => (statement.kind === 'host' ? [statement.host] : []))
  return { groups: new Set(['all', 'ungrouped', ...groups]), hosts: new Set(hosts) }
}

/** Kubespray makes up the group of all nodes where the inventory does not declare it. */
function withClusterGroup(inventory: Reading): Reading {
  const groups = new Set(inventory.statements.flatMap((s) => (s.kind === 'group' ? [s.group] : [])))
  const members = [...groups].filter(isNodeGroup)
  if (members.length === 0 || groups.has(clusterGroup) || groups.has('k8s-cluster')) return inventory
  const position = { file: '', line: 1, column: 1 }
  const added: Statement[] = [
    { kind: 'group', group: clusterGroup },
    ...members.map((child): Statement => ({ kind: 'child', group: clusterGroup, child, position })),
  ]
  return { ...inventory, statements: [...inventory.statements, ...added] }
}
