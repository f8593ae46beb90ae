import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** The cases in a folder of test/cases/node, one YAML file each, named by their file. */
export function cases<T>(folder: string): (T & { name: string })[] {
  const directory = new URL(`../cases/node/${folder}/`, import.meta.url)
  return readdirSync(directory)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => ({
      name: file.replace('.yaml', ''),
      ...(parse(readFileSync(new URL(file, directory), 'utf8')) as T),
    }))
}

/** The lines that differ, each with `-` or `+` in front. */
export function changedLines(before: string, after: string): string {
  const [from, to] = [before.split(/\r?\n/), after.split(/\r?\n/)]
  let start = 0
  while (start < Math.min(from.length, to.length) && from[start] === to[start]) start++
  let end = 0
  while (end < Math.min(from.length, to.length) - start && from.at(-1 - end) === to.at(-1 - end)) end++
  const lines = (sign: string, all: string[]) =>
    all.slice(start, all.length - end).map((line) => `${sign}${line}\n`)
  return [...lines('-', from), ...lines('+', to)].join('')
}
