import type { Command } from 'commander'

/** Command lines that work, and what each does; by command, without `yurt-ssh` and the command. */
export const examples: Record<string, readonly (readonly [args: string, what: string])[]> = {
  convert: [
    ['-i fleet.yaml --check --diff', 'show every change, make none'],
    ['-i fleet.yaml --limit edge-1', "convert the cluster's part and one host"],
    ['-i fleet.yaml --yes --report report.html', 'convert the rest, with a report for others'],
    ['-i fleet.yaml --serial 1,10%,100% --pause 5m', 'one host, then a tenth, then the rest'],
    ['-i fleet.yaml --out plan.json', 'store the plan, for apply'],
  ],
  revert: [
    ['-i fleet.yaml --check --diff', 'show what would come back'],
    ['-i fleet.yaml --limit site-a', 'take OpenYurt off one group'],
    ['-i fleet.yaml --leave-behind edge-7', 'go on without a host that is gone for good'],
  ],
  apply: [
    ['plan.json --check --diff', 'show what of it would change'],
    ['plan.json --yes --report report.html', 'run it, with a report for others'],
  ],
  recover: [
    ['-i fleet.yaml --check', 'show what dead runs left'],
    ['-i fleet.yaml --yes', 'finish or undo it'],
  ],
  rehearse: [
    ['-i fleet.yaml', 'convert and revert a copy of the fleet'],
    ['--snapshot fleet.json --diff', 'the same of a snapshot, with every change'],
  ],
  snapshot: [['-i fleet.yaml --out fleet.json', 'what a plan reads, for rehearse']],
  inventory: [
    ['init --kubeconfig admin.conf', "print an inventory of the cluster's nodes"],
    ['validate -i fleet.yaml', 'check the file'],
    ['list -i fleet.yaml --resolved', 'where every SSH setting comes from'],
  ],
  lab: [
    ['up --dir lab', 'start five hosts and an API server'],
    ['down --dir lab', 'stop them'],
  ],
  status: [
    ['-i fleet.yaml', 'what differs from converted'],
    ['-i fleet.yaml --watch 30', 'look again every 30 seconds'],
  ],
  preflight: [
    ['-i fleet.yaml', 'check everything'],
    ['-i fleet.yaml --limit site-a --json', 'check one group, for a script'],
  ],
  runs: [
    ['', 'the runs of this user on this machine'],
    ['--json', 'the same for a script'],
  ],
  report: [
    ['', 'the last run in a few lines'],
    ['latest --html report.html', 'one page to hand on'],
    ['20261124t220000-c0de --junit junit.xml --json run.json', 'a certain run, for CI'],
  ],
  unlock: [['-i fleet.yaml', 'show who holds the lock, ask, break it']],
  completion: [
    ['bash', 'in ~/.bashrc: source <(yurt-ssh completion bash)'],
    ['zsh', 'in ~/.zshrc: source <(yurt-ssh completion zsh)'],
    ['fish', 'in config.fish: yurt-ssh completion fish | source'],
  ],
}

/** Shows a command's examples at the end of its --help. */
export function addExamples(program: Command): void {
  for (const command of program.commands) {
    const own = examples[command.name()]
    if (own === undefined) continue
    const lines = own.map(([args, what]) => `  # ${what}\n  ${exampleLine(command.name(), args)}`)
    command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`)
  }
}

/** An example as it is typed. */
export function exampleLine(command: string, args: string): string {
  return `yurt-ssh ${command} ${args}`.trimEnd()
}
