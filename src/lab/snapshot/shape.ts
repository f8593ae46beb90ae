import { z } from 'zod'
import { fileKeys } from '../../node/types.js'

const text = z.string()
const texts = z.array(z.string())
const textMap = z.record(z.string(), z.string())
/** Names become folders in the lab. */
const name = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/, 'must be a name')

const file = z.looseObject({
  path: text,
  state: z.enum(['absent', 'file', 'directory', 'link', 'other']),
  sha256: text.optional(),
  mode: z
    .string()
    .regex(/^[0-7]{4}$/, 'must be four octal digits')
    .optional(),
  content: text.optional(),
})

const journal = z.looseObject({
  id: text,
  result: text,
  writes: z.array(z.looseObject({ number: z.number(), path: text, before: text, after: text })),
  directories: texts,
  trees: texts,
  intact: z.boolean(),
})

const facts = z.looseObject({
  uid: z.number().optional(),
  arch: text,
  kernel: text,
  hostname: text,
  clock: z.number(),
  httpClient: text,
  missingTools: texts,
  otherDistributions: texts,
  disks: z.array(z.looseObject({ folder: text })),
  dummy: text,
  iptables: z.boolean(),
  hubRules: z.number(),
  tunnelChains: z.number(),
  kubelet: z.looseObject({
    loadState: text,
    activeState: text,
    mainPid: z.number(),
    unitPaths: texts,
    unitText: text,
    environmentFiles: texts,
    extraEnvironment: text,
    commandLine: texts,
  }),
  staticPodPath: text,
  staticPods: texts,
  definedIn: z.looseObject({ controllerManager: texts, hub: texts }),
  engine: text,
  runtimeEndpoint: text,
  imageTool: text,
  imageToolProblem: text.optional(),
  images: texts,
  registries: textMap,
  mirrors: textMap.optional(),
  listening: z.array(z.number()),
  api: textMap,
  hubHealth: text,
  hubServes: text,
  hubTokenId: text,
  tunnelDirectories: texts,
  pods: z.array(z.looseObject({ uid: text, serviceHost: text })),
  files: z.record(z.enum(fileKeys), file),
  state: z.looseObject({ unit: text, format: text, lock: text, journals: z.array(journal) }),
})

const object = z.looseObject({ apiVersion: text, kind: text, metadata: z.looseObject({ name: text }) })

const cluster = z.looseObject({
  serverVersion: text,
  nodes: z.array(
    z.looseObject({
      name,
      labels: textMap,
      annotations: textMap,
      ready: text,
      addresses: texts,
      taints: z.array(z.looseObject({ key: text, effect: text })),
      controlPlane: z.boolean(),
      kubeletVersion: text,
      arch: text,
    }),
  ),
  kcmPods: z.array(z.looseObject({ name: text, node: text, configHash: text, started: z.boolean() })),
  kcmLeader: text,
  objects: z.record(z.string(), object.nullable()),
  foreignJobs: texts,
  apiVersions: texts,
  runTokens: z.array(z.looseObject({ name: text, run: text })),
})

const host = z.looseObject({
  name,
  node: name,
  role: z.enum(['cloud', 'edge']),
  groups: texts,
  hub: z.boolean(),
  serverAddr: text.optional(),
  hubArgs: texts,
  facts: facts.optional(),
  failure: z.looseObject({ code: text, message: text }).optional(),
})

const snapshot = z.looseObject({
  taken: text,
  release: text,
  images: z.looseObject({
    yurthub: text,
    yurtControllerManager: text,
    yurtTunnelServer: text,
    yurtTunnelAgent: text,
    yurtAppManager: text,
  }),
  cluster,
  hosts: z.array(host),
})

/** What keeps data from being a snapshot of format 1, by its path in the file; undefined when nothing does. */
export function shapeProblem(data: unknown): string | undefined {
  const { success, data: found, error } = snapshot.safeParse(data)
  if (!success) {
    const [issue] = error.issues
    return `${(issue?.path ?? []).map(String).join('.') || 'its top'}: ${issue?.message ?? 'is not understood'}`
  }
  for (const key of ['name', 'node'] as const) {
    const names = found.hosts.map((entry) => entry[key])
    const twice = names.find((value, index) => names.indexOf(value) !== index)
    if (twice !== undefined) return `two hosts have the ${key} ${twice}`
  }
  return undefined
}
