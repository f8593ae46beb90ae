import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** Rows of test/cases/inventory/`name`.yaml. */
export function cases<Row>(name: string): Row[] {
  return parse(readFileSync(new URL(`../cases/inventory/${name}.yaml`, import.meta.url), 'utf8'))
}
