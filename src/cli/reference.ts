import type { Command, Option } from 'commander'
import { settable, variableOf } from './defaults.js'
import { exampleLine, examples } from './examples.js'
import { pathOf, visibleLeaves } from './leaves.js'

const introduction = `# Reference

Every command, argument and flag. Generated from the program itself: \`npm run reference\` writes it.

## Defaults

A flag that is not given is taken from the environment, then from \`yurt-ssh.yaml\` in the current directory:

1. the flag: \`--forks 50\`
2. the variable: \`YURT_SSH_FORKS=50\`, the flag's long name in capitals, with \`_\` for \`-\`
3. the file: \`forks: 50\`

\`\`\`yaml
# yurt-ssh.yaml
inventory: fleet.yaml
forks: 50
limit: [site-a, "!edge-7"]
# for one command alone
convert:
  deploy-yurttunnel: true
lab up:
  speed: 10
\`\`\`

- Switches are \`true\` or \`false\`; in a variable also \`1\` or \`0\`. An empty variable counts as none.
- A list is a YAML list, or words with commas between them; so are inventories of which several are merged. A flag on the
  command line takes the place of a default. Paths are those of the current directory.
- A flag that no command has, or a value that does not fit, is an error with file, line and column.
- Other \`YURT_SSH_\` variables are ignored.
`

/** The reference page, in Markdown. */
export function renderReference(program: Command): string {
  const commands = visibleLeaves(program)
  const list = commands.map((one) => {
    const path = pathOf(one)
    return `| [\`${path}\`](#${path.replaceAll(' ', '-')}) | ${cell(one.description())} |`
  })
  return [
    introduction,
    '## Commands\n',
    '| command | what it does |\n| ------- | ------------ |',
    `${list.join('\n')}\n`,
    ...commands.map(section),
  ].join('\n')
}

function section(command: Command): string {
  const name = pathOf(command)
  const variables = settable(command)
  const flags = command.options.map((option) => flagRow(option, variables))
  const argument = command.registeredArguments.map((one) => {
    const choices = one.argChoices === undefined ? '' : `: ${one.argChoices.join(', ')}`
    const fallback = one.defaultValue === undefined ? '' : `; ${one.defaultValue} when it is not given`
    return `- \`${one.required ? `<${one.name()}>` : `[${one.name()}]`}\`: ${one.description}${choices}${fallback}`
  })
  const shown = (examples[name] ?? []).map(([args, what]) => `# ${what}\n${exampleLine(name, args)}`)
  return [
    `## ${name}\n`,
    `${capital(command.description())}.\n`,
    `\`\`\`\nyurt-ssh ${name} ${command.usage()}\n\`\`\`\n`,
    ...(argument.length === 0 ? [] : [`${argument.join('\n')}\n`]),
    ...(flags.length === 0
      ? []
      : [
          `| flag | what | default | variable |\n| ---- | ---- | ------- | -------- |`,
          `${flags.join('\n')}\n`,
        ]),
    ...(shown.length === 0 ? [] : [`\`\`\`sh\n${shown.join('\n')}\n\`\`\`\n`]),
  ].join('\n')
}

function flagRow(option: Option, variables: ReadonlyMap<string, Option>): string {
  const flag = option.long?.slice(2) ?? ''
  const choices = option.argChoices === undefined ? '' : `; ${option.argChoices.join(', ')}`
  const what = `${option.description}${choices}${option.mandatory ? '; required' : ''}`
  const value: unknown = option.defaultValueDescription ?? option.defaultValue
  const variable = variables.has(flag) ? `\`${variableOf(flag)}\`` : ''
  return `| \`${option.flags}\` | ${cell(what)} | ${value === undefined ? '' : `\`${String(value)}\``} | ${variable} |`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
