import { z } from 'zod'
import { newestRelease } from '../releases/release.js'
import { isAddress, parseBastions, serverAddrProblem, userName } from './address.js'
import { hubArgProblems } from './hub-args.js'
import type { SecretSource } from './types.js'

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be letters, digits, ".", "_" or "-"')
const port = z
  .int('must be a whole number from 1 to 65535')
  .min(1, 'must be 1 or more')
  .max(65535, 'must be 65535 or less')
const user = z
  .string()
  .regex(userName, 'must be a user name: no spaces, no leading "-", nothing that a shell would read')
const path = z.string().regex(/^(?!~[^/]).+$/, 'must be a path; of those with "~" only ~/… is known')
const paths = z.union([path, z.array(path)]).transform((value) => [value].flat())

/** Keys of paths: relative ones start from the folder of their file. */
export const pathKeys: ReadonlySet<string> = new Set([
  'kubeconfig',
  'identityFile',
  'knownHosts',
  'config',
  'file',
])

/** Keys of secrets: one source of a secret replaces another as a whole. */
export const secretKeys: ReadonlySet<string> = new Set(['password', 'passphrase', 'sudoPassword'])

const serverAddr = z
  .string()
  .superRefine((text, context) => {
    const message = serverAddrProblem(text)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })
  .describe(
    'API server for the hub, https://host:port, several comma separated; else the one in kubelet.conf',
  )

const hubArgs = z
  .array(z.string())
  .superRefine((args, context) => {
    for (const { index, message } of hubArgProblems(args)) {
      context.addIssue({ code: 'custom', path: [index], message, params: { code: 'INVENTORY_HUB_ARGS' } })
    }
  })
  .describe('More arguments for the hub, each --name or --name=value; replaces an outer list')

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable')

/** `none` takes away what an outer level sets. */
const secret = z
  .union([
    z
      .strictObject({ file: path.exactOptional(), env: variable.exactOptional() })
      .transform(({ file, env }, context): SecretSource => {
        if (file !== undefined && env === undefined) return { file }
        if (env !== undefined && file === undefined) return { env }
        context.addIssue({ code: 'custom', message: 'must have one of file and env' })
        return z.NEVER
      }),
    z
      .enum(
        ['ask', 'none'],
        'must be ask, none, { file: … } or { env: … }; a secret never stands in an inventory',
      )
      .transform((word) => (word === 'ask' ? word : null)),
  ])
  .meta({ id: 'secret' })
  .exactOptional()

const hop = {
  user: user.exactOptional().describe('Login name; by default that of an outer level, else the current user'),
  port: port.exactOptional().describe('Port of sshd, 22 by default'),
  identityFile: paths.exactOptional().describe('Private keys, tried in order, before those of the agent'),
  identitiesOnly: z.boolean().exactOptional().describe('Do not try the keys of the agent'),
  knownHosts: paths.exactOptional().describe('Files of known host keys'),
  strictHostKeyChecking: z
    .enum(['strict', 'accept-new', 'off'])
    .exactOptional()
    .describe('What to do with a host whose key is not known'),
  connectTimeout: z
    .int('must be a whole number of seconds')
    .min(1, 'must be 1 or more')
    .max(3600, 'must be 3600 or less')
    .exactOptional()
    .describe('Seconds to connect and log in, 20 by default'),
  password: secret.describe('Password of the login, where keys do not do: ask, none, { file } or { env }'),
  passphrase: secret.describe(
    'Passphrase of the private keys, instead of asking: ask, none, { file } or { env }',
  ),
}

/** `none` takes away what an outer level sets, as ProxyJump does in ssh_config; the last of several is the nearest. */
const bastionText = z.string().transform((text, context): BastionInput | null => {
  if (text === 'none') return null
  const hops = parseBastions(text)
  if (hops?.every((hop) => user.optional().safeParse(hop.user).success)) {
    const [first, ...rest] = hops
    return rest.reduce<BastionInput | null>((bastion, hop) => ({ ...hop, bastion }), first ?? null)
  }
  context.addIssue({ code: 'custom', message: `must be user@host:port or none, "${text}" is not` })
  return z.NEVER
})

const bastionHop = z.strictObject({
  address: z.string().refine(isAddress, 'must be an address or a DNS name'),
  ...hop,
})
const bastionMap = bastionHop
  .extend({
    get bastion() {
      return z.union([bastionText, bastionMap]).exactOptional().describe('The hop before this one')
    },
  })
  .meta({ id: 'bastion' })

/** The tokens are those of ssh_config; what they stand for is put in when a host is known. */
const command = z
  .string()
  .regex(/^(?=.*\S)[^\n\r\0]*$/, 'must be a command, on one line')
  .regex(/^([^%]|%[hnpr%])*$/, 'must have no % but %h, %n, %p, %r and %%')
  .transform((text) => (text === 'none' ? null : text))

const ssh = z
  .strictObject({
    ...hop,
    config: path
      .transform((file) => (file === 'none' ? null : file))
      .exactOptional()
      .describe("The ssh_config to use instead of the user's and the system's; none for none"),
    sudoPassword: secret.describe('Password for sudo, where it asks for one: ask, none, { file } or { env }'),
    bastion: z
      .union([bastionText, bastionMap])
      .exactOptional()
      .describe('The host to jump over: user@host:port, several separated by commas, a map, or none'),
    proxyCommand: command
      .exactOptional()
      .describe('A command whose stdin and stdout are the connection, in place of a bastion; or none'),
  })
  .refine(({ bastion, proxyCommand }) => !bastion || !proxyCommand, {
    message: 'has bastion and proxyCommand: set one of them to none',
  })
  .meta({ id: 'ssh' })

const role = z
  .enum(['cloud', 'edge'])
  .exactOptional()
  .describe('What the node becomes; the nearest one counts')
const hub = z
  .strictObject({ hubArgs: hubArgs.exactOptional(), serverAddr: serverAddr.exactOptional() })
  .meta({ id: 'openyurt' })

const host = z
  .strictObject({
    address: z.string().exactOptional().describe('Address or DNS name to connect to; the name by default'),
    node: z.string().exactOptional().describe('Name of the Kubernetes node; the name by default'),
    role,
    hub: z.boolean().exactOptional().describe('Whether a control-plane host gets a hub too'),
    ssh: ssh.exactOptional(),
    openyurt: hub.exactOptional(),
  })
  .meta({ id: 'host' })
const hosts = z
  .record(z.string(), host.nullable())
  .describe('Hosts by name; edge-[001:250] stands for many, in address and node too')

const group = z
  .strictObject({
    role,
    ssh: ssh.exactOptional(),
    openyurt: hub.exactOptional(),
    hosts: hosts.exactOptional(),
    get groups() {
      return z.record(name, group).exactOptional()
    },
  })
  .meta({ id: 'group' })

const image = z.string().regex(/^[!-~]+$/, 'must be an image reference')

/** The native inventory format, strict: what it does not know is an error. Its text values are checked, not yet resolved. */
export const inventorySchema = z.strictObject({
  cluster: z
    .strictObject({ kubeconfig: path.exactOptional(), context: z.string().exactOptional() })
    .exactOptional()
    .describe('How to reach the API; $KUBECONFIG or ~/.kube/config by default'),
  openyurt: hub.extend({
    release: z
      .string()
      .regex(/^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, `must be a release such as ${newestRelease.name}`)
      .describe('OpenYurt release to convert to'),
    images: z
      .strictObject({
        yurthub: image.exactOptional(),
        yurtControllerManager: image.exactOptional(),
        yurtTunnelServer: image.exactOptional(),
        yurtTunnelAgent: image.exactOptional(),
        yurtAppManager: image.exactOptional(),
      })
      .exactOptional()
      .describe('Images to use instead of those of the release'),
  }),
  ssh: ssh.exactOptional(),
  hosts: hosts.exactOptional(),
  groups: z.record(name, group).exactOptional(),
})

/** The same without what must be there: another file, or the command line, may have it. */
export const partSchema = inventorySchema.extend({
  openyurt: inventorySchema.shape.openyurt.partial({ release: true }).exactOptional(),
})

export type InventoryInput = z.output<typeof partSchema>
/** TypeScript loses the optionality of a key that refers to its own object. */
export interface GroupInput extends Omit<z.output<typeof group>, 'groups'> {
  groups?: Record<string, GroupInput>
}
export type HostInput = z.output<typeof host>
export type SshInput = Omit<z.output<typeof ssh>, 'bastion'> & { bastion?: BastionInput | null }
/** As with groups. */
export type BastionInput = z.output<typeof bastionHop> & { bastion?: BastionInput | null }
export type HubInput = z.output<typeof hub>

/** The format as JSON Schema (draft 7, which editors know best), for completion and checks while typing. */
export function inventoryJsonSchema(): object {
  return z.toJSONSchema(inventorySchema, {
    io: 'input',
    target: 'draft-7',
    // numbers and words may come from the environment; most patterns let ${NAME} pass anyway
    override({ jsonSchema }) {
      if (jsonSchema.type !== 'integer' && jsonSchema.type !== 'boolean' && !('enum' in jsonSchema)) return
      const { description, id, ...own } = jsonSchema
      for (const key of Object.keys(own)) delete jsonSchema[key]
      jsonSchema.anyOf = [own, { type: 'string', pattern: '\\$\\{' }]
    },
  })
}
