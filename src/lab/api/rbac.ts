import type { Store } from './store.js'

export interface Attributes {
  user: string
  groups: readonly string[]
  verb: string
  group: string
  /** With its subresource: `pods/status`. */
  resource: string
  namespace?: string
  name?: string
}

interface Rule {
  apiGroups?: string[]
  resources?: string[]
  resourceNames?: string[]
  verbs?: string[]
}

interface Binding {
  roleRef: { kind: string; name: string }
  subjects?: { kind: string; name: string; namespace?: string }[]
}

/** Whether the Roles and ClusterRoles that are bound to this user allow it, as RBAC decides it. */
export function rbacAllows(store: Store, asked: Attributes): boolean {
  const bindings = [...store.objects.values()].filter(
    ({ kind, metadata }) =>
      kind === 'ClusterRoleBinding' || (kind === 'RoleBinding' && metadata.namespace === asked.namespace),
  )
  return bindings.some((binding) => {
    const { roleRef, subjects = [] } = binding as unknown as Binding
    if (!subjects.some((subject) => isSubject(subject, asked))) return false
    const namespace = roleRef.kind === 'Role' ? (binding.metadata.namespace ?? '') : ''
    const role = store.get(`rbac.authorization.k8s.io/${roleRef.kind}/${namespace}/${roleRef.name}`)
    return ((role?.rules ?? []) as Rule[]).some((rule) => ruleAllows(rule, asked))
  })
}

function isSubject(subject: { kind: string; name: string; namespace?: string }, asked: Attributes): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.name === asked.user
    case 'Group':
      return asked.groups.includes(subject.name)
    default:
      return `system:serviceaccount:${subject.namespace}:${subject.name}` === asked.user
  }
}

function ruleAllows(rule: Rule, { verb, group, resource, name }: Attributes): boolean {
  const has = (list: string[] | undefined, value: string) =>
    list?.some((entry) => entry === '*' || entry === value)
  const named = rule.resourceNames === undefined || (name !== undefined && rule.resourceNames.includes(name))
  return Boolean(
    has(rule.verbs, verb) && has(rule.apiGroups, group) && has(rule.resources, resource) && named,
  )
}

/** The groups of a user, by its name. */
export function groupsOf(user: string): string[] {
  if (user === 'system:anonymous') return ['system:unauthenticated']
  const [, kind, namespace] = user.split(':')
  const own: Record<string, string[]> = {
    node: ['system:nodes'],
    serviceaccount: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
    bootstrap: ['system:bootstrappers', 'system:bootstrappers:kubeadm:default-node-token'],
  }
  const isSystem = user.startsWith('system:')
  return [
    ...((isSystem ? own[kind ?? ''] : undefined) ?? []),
    ...(user === 'admin' ? ['system:masters'] : []),
    'system:authenticated',
  ]
}
