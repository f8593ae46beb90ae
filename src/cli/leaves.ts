import type { Command } from 'commander'

/** A command as it is typed after `yurt-ssh`: `convert`, `lab up`. */
export function pathOf(command: Command): string {
  const above = command.parent
  return above === null || above.parent === null ? command.name() : `${pathOf(above)} ${command.name()}`
}

/** Commands that do something, hidden ones too; groups such as `lab` are not among them. */
export function leavesOf(program: Command): Command[] {
  return program.commands.flatMap((one) => (one.commands.length === 0 ? one : leavesOf(one)))
}

/** Those of them that --help shows. */
export function visibleLeaves(program: Command): Command[] {
  return visibleCommands(program).flatMap((one) => (one.commands.length === 0 ? one : visibleLeaves(one)))
}

/** Commands and groups that --help shows, but for `help` itself. */
export function visibleCommands(program: Command): Command[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .filter((one) => one.name() !== 'help')
}
