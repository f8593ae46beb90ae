import type { Node } from 'yaml'
import { didYouMean } from '../nearest.js'
import type { Problem } from '../problems.js'
import { hostStatements } from './host-pattern.js'
import type { Layer, Reading, Statement } from './statements.js'
import { isVaultText, openYaml, vaultHint, type YamlFile } from './yaml.js'

const groupKeys = ['hosts', 'vars', 'children']

/** What only a dynamic inventory has. */
const dynamicKeys: ReadonlyMap<string, string> = new Map([
  [
    'plugin',
    'is the configuration of a dynamic inventory: give what `ansible-inventory -i FILE --list -y` prints',
  ],
  ['_meta', 'is the JSON of a dynamic inventory: give what `ansible-inventory --list -y` prints'],
])

/** An inventory in Ansible's YAML format. */
export function readYaml(text: string, file: string): Reading {
  if (isVaultText(text)) return vaulted(file)
  const yaml = openYaml(text, file)
  const reading: Reading = { statements: [], problems: yaml.problems, warnings: [] }
  if (yaml.problems.length > 0) return reading
  const groups = yaml.entries(yaml.top)
  if (groups === undefined) return failed(reading, yaml.top, yaml, 'an inventory must be a map of groups')
  const plugin = groups.find(({ key }) => key === 'plugin')
  // nothing else in such a file is a group
  for (const { key, value, position } of plugin === undefined ? groups : [plugin]) {
    const message = dynamicKeys.get(key)
    if (message === undefined) readGroup(key, value, yaml, reading)
    else reading.problems.push({ position, message })
  }
  return reading
}

function readGroup(group: string, node: Node | null, yaml: YamlFile, reading: Reading): void {
  const { statements, warnings } = reading
  statements.push({ kind: 'group', group })
  const entries = yaml.entries(node)
  if (entries === undefined) return void failed(reading, node, yaml, `group "${group}" must be a map`)
  for (const { key, value, position } of entries) {
    const inner = yaml.entries(value)
    if (!groupKeys.includes(key)) {
      const message = `"${key}" of group "${group}" is not read${didYouMean(key, groupKeys) || `; known are ${groupKeys.join(', ')}`}`
      warnings.push({ position, message })
    } else if (inner === undefined) {
      failed(reading, value, yaml, `${key} of group "${group}" must be a map`)
    } else if (key === 'vars') {
      statements.push(
        ...inner.map(
          (entry): Statement => ({
            kind: 'group-variable',
            group,
            layer: 0,
            variable: yaml.variable(entry),
          }),
        ),
      )
    } else if (key === 'children') {
      for (const child of inner) {
        statements.push({ kind: 'child', group, child: child.key, position: child.position })
        readGroup(child.key, child.value, yaml, reading)
      }
    } else for (const host of inner) readHost(host, group, yaml, reading)
  }
}

function readHost(
  { key, value, position }: { key: string; value: Node | null; position: Problem['position'] },
  group: string,
  yaml: YamlFile,
  reading: Reading,
): void {
  const { hosts, statements, problems } = hostStatements(key, group, position)
  for (const statement of statements) reading.statements.push(statement)
  reading.problems.push(...problems)
  const variables = yaml.entries(value)
  if (variables === undefined)
    return void failed(reading, value, yaml, `host "${key}" must be a map of variables`)
  for (const entry of variables) {
    const variable = yaml.variable(entry)
    for (const host of hosts) reading.statements.push({ kind: 'host-variable', host, layer: 0, variable })
  }
}

/** A file of variables, of a group or of a host. */
export function readVariables(
  text: string,
  file: string,
  owner: { group: string } | { host: string },
  layer: Layer,
): Reading {
  if (isVaultText(text)) return vaulted(file)
  const yaml = openYaml(text, file)
  const reading: Reading = { statements: [], problems: yaml.problems, warnings: [] }
  if (yaml.problems.length > 0) return reading
  const entries = yaml.entries(yaml.top)
  if (entries === undefined) return failed(reading, yaml.top, yaml, 'a file of variables must be a map')
  reading.statements = entries.map((entry): Statement => {
    const variable = yaml.variable(entry)
    return 'group' in owner
      ? { kind: 'group-variable', group: owner.group, layer, variable }
      : { kind: 'host-variable', host: owner.host, layer, variable }
  })
  return reading
}

function failed(reading: Reading, node: Node | null, yaml: YamlFile, message: string): Reading {
  reading.problems.push({ position: yaml.place(node), message })
  return reading
}

function vaulted(file: string): Reading {
  const message = 'the file is vaulted, and yurt-ssh does not decrypt: what it sets would be guessed'
  const problem = { position: { file, line: 1, column: 1 }, message, hint: vaultHint }
  return { statements: [], problems: [problem], warnings: [] }
}
