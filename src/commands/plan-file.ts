import { type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { fileError } from '../errors/file.js'
import { YurtSshError } from '../errors.js'
import { sha256 } from '../node/sha256.js'
import type { Plan } from '../plan/types.js'
import type { ChangeOptions } from './options.js'

/** Raised when what a file holds, or what it means, changes. */
const formatVersion = 1

/** What a plan was made from, and the plan in its stored form. */
export interface StoredPlan {
  /** Version of the yurt-ssh that made it. */
  yurtSsh: string
  /** RFC 3339 time. */
  made: string
  /** Of the inventory file, lower-case hex. */
  inventorySha256: string
  /** URL of the API server. */
  server: string
  options: Omit<ChangeOptions, 'check' | 'out'>
  plan: Plan
}

/** Without control characters: it is printed on a terminal. */
const text = z.string().regex(/^\P{Cc}*$/u)
const names = z.array(text)
const amount = z.union([
  z.strictObject({ kind: z.literal('count'), count: z.number() }),
  z.strictObject({ kind: z.literal('percent'), percent: z.number() }),
])

type Options = StoredPlan['options']
/** A field for every option there is: one that is forgotten here does not compile. */
type Fields<T> = Record<keyof T, z.ZodType>

const paceFields = {
  serial: z.array(amount),
  serialBy: text.optional(),
  maxUnavailable: amount.optional(),
  pauseSeconds: z.number(),
  confirmWaves: z.boolean(),
  maxFail: amount.optional(),
  failFast: z.boolean(),
} satisfies Fields<Options['pace']>

const planFields = {
  autonomousNodes: names.optional(),
  deployTunnel: z.boolean(),
  tunnelServerAddress: text.optional(),
  enableAppManager: z.boolean(),
  hubTimeoutSeconds: z.number(),
  joinToken: z.boolean(),
  restartPods: z.boolean(),
  adopt: z.boolean(),
  podManifestPath: text.optional(),
  kubeadmConfPath: text.optional(),
  leaveBehind: names,
} satisfies Fields<Options['plan']>

const optionFields = {
  inventory: names.min(1),
  inventoryFormat: z.enum(['native', 'ansible']).optional(),
  askBecomePass: z.boolean(),
  kubeconfig: text.optional(),
  release: text.optional(),
  images: z.record(text, text),
  cloudNodes: names.optional(),
  limit: names,
  forks: z.number().int().min(1),
  ignorePreflightErrors: names,
  plan: z.strictObject(planFields),
  pace: z.strictObject(paceFields),
} satisfies Fields<Options>

const clusterPhase = z.looseObject({ title: text, kind: z.literal('cluster'), steps: z.array(z.unknown()) })
const hostsPhase = z.looseObject({
  title: text,
  kind: z.literal('hosts'),
  work: z.array(z.looseObject({ host: text, after: z.array(z.unknown()) })),
})

/** As far as anything reads it; the steps of a plan are only compared. */
const shape = z.strictObject({
  yurtSsh: text,
  made: text,
  inventorySha256: text,
  server: text,
  options: z.strictObject(optionFields),
  plan: z.looseObject({
    verb: z.enum(['convert', 'revert']),
    phases: z.array(z.union([clusterPhase, hostsPhase])),
  }),
})

/** Writes a plan, readable by its owner only. @throws YurtSshError USAGE_PLAN_WRITE */
export async function writePlanFile(path: string, stored: StoredPlan): Promise<void> {
  const body = JSON.stringify(stored)
  const file = { format: 'yurt-ssh plan', version: formatVersion, sha256: sha256(body), ...stored }
  const draft = `${path}.new`
  try {
    await rm(draft, { force: true })
    await writeFile(draft, `${JSON.stringify(file, null, 1)}\n`, { mode: 0o600, flag: 'wx' })
    await rename(draft, path)
  } catch (cause) {
    throw fileError('USAGE_PLAN_WRITE', `the plan ${path}`, 'written', cause)
  }
}

/**
 * Reads a stored plan.
 * @throws YurtSshError USAGE_PLAN_READ, USAGE_PLAN_FORMAT (no plan, or of another version), USAGE_PLAN_CHANGED (edited by
 * hand), USAGE_PLAN_OWNER (others may write to it)
 */
export async function readPlanFile(path: string, yurtSsh: string): Promise<StoredPlan> {
  const file = parse(await readOwn(path), path)
  const { format, version, sha256: digest, ...stored } = file
  if (format !== 'yurt-ssh plan') throw noPlan(path, 'it is something else')
  if (version !== formatVersion)
    throw noPlan(path, `its format is ${String(version)}, this yurt-ssh reads ${formatVersion}`)
  if (stored.yurtSsh !== yurtSsh)
    throw noPlan(path, `yurt-ssh ${String(stored.yurtSsh)} made it, this is ${yurtSsh}`)
  if (sha256(JSON.stringify(stored)) !== digest) {
    throw new YurtSshError('USAGE_PLAN_CHANGED', `${path} is not as yurt-ssh stored it`, {
      hint: 'it was edited or cut short: make the plan again',
    })
  }
  const { success, error } = shape.safeParse(stored)
  if (!success) throw noPlan(path, z.prettifyError(error))
  return stored as unknown as StoredPlan
}

/** Of all bytes of the inventory files in their order, lower-case hex. */
export async function inventorySha256(paths: readonly string[]): Promise<string> {
  const sums = await Promise.all(paths.map(async (path) => sha256(await readFile(path))))
  return sha256(sums.join('\n'))
}

/** A plan says which inventory and kubeconfig to use: nobody else may have had a hand in it. */
async function readOwn(path: string): Promise<string> {
  let handle: FileHandle | undefined
  try {
    handle = await open(path)
    const { mode, uid } = await handle.stat()
    const owner = process.getuid?.() ?? uid
    if ((mode & 0o022) !== 0 || (uid !== owner && uid !== 0)) {
      throw new YurtSshError('USAGE_PLAN_OWNER', `others than you can write to ${path}`, {
        hint: 'make the plan again, where only you can write',
      })
    }
    return await handle.readFile('utf8')
  } catch (cause) {
    if (cause instanceof YurtSshError) throw cause
    throw fileError('USAGE_PLAN_READ', `the plan ${path}`, 'read', cause)
  } finally {
    await handle?.close()
  }
}

function parse(text: string, path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // said below
  }
  throw noPlan(path, 'it is no JSON object')
}

function noPlan(path: string, why: string): YurtSshError {
  return new YurtSshError('USAGE_PLAN_FORMAT', `${path} is no plan that can be applied: ${why}`, {
    hint: 'make one with: yurt-ssh convert --out plan.json',
  })
}
