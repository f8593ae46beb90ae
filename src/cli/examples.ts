import type { Command } from 'commander'
import { leavesOf, pathOf } from './leaves.js'

/** Command lines that work, and what each does; by the command's path, without `yurt-ssh` and that path. */
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
  status: [
    ['-i fleet.yaml', 'what differs from converted'],
    ['-i fleet.yaml --watch 30', 'look again every 30 seconds'],
  ],
  preflight: [
    ['-i fleet.yaml', 'check everything'],
    ['-i fleet.yaml --limit site-a --json', 'check one group, for a script'],
  ],
  recover: [
    ['-i fleet.yaml --check', 'show what dead runs left'],
    ['-i fleet.yaml', 'finish or undo it'],
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
  'inventory init': [
    ['', "of the cluster's nodes"],
    ['192.0.2.[1:9]', 'of addresses'],
  ],
  'inventory validate': [
    ['-i fleet.yaml', 'check the file alone'],
    ['-i fleet.yaml -i site.yaml --cluster', "compare merged files with the cluster's nodes"],
  ],
  'inventory list': [
    ['-i fleet.yaml', 'groups and hosts as a tree'],
    ['-i hosts.ini --resolved', 'where each SSH setting of an Ansible inventory comes from'],
  ],
  snapshot: [
    ['-i fleet.yaml --out fleet.json', 'show what would be written, ask, write it'],
    ['-i fleet.yaml --limit site-a --out site-a.json --yes', 'one group, without a question'],
  ],
  rehearse: [
    ['-i fleet.yaml --diff', 'convert and revert a copy of the fleet'],
    ['--snapshot fleet.json', 'the same of a snapshot, anywhere'],
  ],
  'lab up': [
    ['--dir /tmp/lab', 'five hosts, as slow as real ones'],
    ['--dir /tmp/lab --hosts 12 --speed 10', 'more of them, ten times as fast'],
  ],
  'lab down': [['--dir /tmp/lab', 'stop it']],
  'lab fault': [
    ['--dir /tmp/lab edge-1 disk-full', 'make a host sick'],
    ['--dir /tmp/lab edge-1 disk-full --clear', 'make it well again'],
    ['--dir /tmp/lab api failing', 'make the API server sick'],
  ],
  'lab status': [['--dir /tmp/lab', 'its hosts and what is wrong with them']],
  completion: [
    ['bash', 'in ~/.bashrc: source <(yurt-ssh completion bash)'],
    ['zsh', 'in ~/.zshrc: source <(yurt-ssh completion zsh)'],
    ['fish', 'in config.fish: yurt-ssh completion fish | source'],
  ],
}

/** Shows a command's examples at the end of its --help. */
export function addExamples(program: Command): void {
  for (const command of leavesOf(program)) {
    const path = pathOf(command)
    const own = examples[path]
    if (own === undefined) continue
    const lines = own.map(([args, what]) => `  # ${what}\n  ${exampleLine(path, args)}`)
    command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`)
  }
}

/** An example as it is typed. */
export function exampleLine(command: string, args: string): string {
  return `yurt-ssh ${command} ${args}`.trimEnd()
}
