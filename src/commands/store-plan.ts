import { resolve } from 'node:path'
import { storedForm } from '../plan/stored.js'
import type { Plan } from '../plan/types.js'
import type { ChangeOptions } from './options.js'
import { fileSha256, writePlanFile } from './plan-file.js'
import type { Site } from './site.js'

/** Stores a plan and what it was made from. Hosts go in by name: what --limit names may be others tomorrow. */
export async function storePlan(
  plan: Plan,
  site: Site,
  { check: _check, out: _out, ...given }: ChangeOptions,
  { file, yurtSsh }: { file: string; yurtSsh: string },
): Promise<void> {
  await writePlanFile(file, {
    yurtSsh,
    made: new Date().toISOString(),
    inventorySha256: await fileSha256(given.inventory),
    server: site.cluster.server,
    options: {
      ...given,
      inventory: resolve(given.inventory),
      ...(given.kubeconfig === undefined ? {} : { kubeconfig: resolve(given.kubeconfig) }),
      limit: given.limit.length === 0 ? [] : [...site.selected],
    },
    plan: storedForm(plan),
  })
}
