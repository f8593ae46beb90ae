import { resolve } from 'node:path'
import { YurtSshError } from '../errors.js'
import { storedForm } from '../plan/stored.js'
import type { Plan } from '../plan/types.js'
import type { ChangeOptions } from './options.js'
import { inventorySha256, writePlanFile } from './plan-file.js'
import type { Site } from './site.js'

/** Stores a plan and what it was made from. Hosts go in by name: what --limit names may be others tomorrow. */
export async function storePlan(
  plan: Plan,
  site: Site,
  { check: _check, out: _out, ...given }: ChangeOptions,
  { file, yurtSsh }: { file: string; yurtSsh: string },
): Promise<void> {
  if (given.inventory.includes('-')) {
    throw new YurtSshError('USAGE_PLAN_INVENTORY', 'a plan from standard input cannot be stored', {
      hint: 'give the inventory as a file: apply reads it again',
    })
  }
  await writePlanFile(file, {
    yurtSsh,
    made: new Date().toISOString(),
    inventorySha256: await inventorySha256(given.inventory),
    server: site.cluster.server,
    options: {
      ...given,
      inventory: given.inventory.map((file) => resolve(file)),
      ...(given.kubeconfig === undefined ? {} : { kubeconfig: resolve(given.kubeconfig) }),
      limit: given.limit.length === 0 ? [] : [...site.selected],
    },
    plan: storedForm(plan),
  })
}
