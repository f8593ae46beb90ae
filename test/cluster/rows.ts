import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

/** The rows of test/cases/cluster/<name>.yaml. */
export function rows<T>(name: string): (T & { name: string })[] {
  const file = fileURLToPath(new URL(`../cases/cluster/${name}.yaml`, import.meta.url))
  return parse(readFileSync(file, 'utf8')) as (T & { name: string })[]
}
