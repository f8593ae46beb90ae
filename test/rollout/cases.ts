import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** Rows of test/cases/rollout/`name`.yaml. */
export function cases<Row>(name: string): Row[] {
  return parse(readFileSync(new URL(`../cases/rollout/${name}.yaml`, import.meta.url), 'utf8'))
}
