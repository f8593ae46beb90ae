/** What yurt-ssh needs of a host, by the variables that say it: of several the last one that is set, as in Ansible. */
export const needed = {
  address: ['ansible_host', 'ansible_ssh_host'],
  port: ['ansible_port', 'ansible_ssh_port'],
  user: ['ansible_user', 'ansible_ssh_user'],
  key: ['ansible_private_key_file', 'ansible_ssh_private_key_file'],
  checking: ['ansible_host_key_checking', 'ansible_ssh_host_key_checking'],
  sshArgs: ['ansible_ssh_args'],
  commonArgs: ['ansible_ssh_common_args'],
  extraArgs: ['ansible_ssh_extra_args'],
  executable: ['ansible_ssh_executable'],
  paramikoProxy: ['ansible_paramiko_proxy_command'],
  connection: ['ansible_connection'],
  become: ['ansible_become'],
  becomeUser: ['ansible_become_user'],
  becomeMethod: ['ansible_become_method'],
  node: ['kube_override_hostname', 'yurt_ssh_node'],
  role: ['yurt_ssh_role'],
  hub: ['yurt_ssh_hub'],
} as const satisfies Record<string, readonly string[]>

export type Need = keyof typeof needed

/** Variables of Ansible that change nothing for yurt-ssh. */
const meaningless = [
  'ansible_group_priority',
  'ansible_python_interpreter',
  'ansible_pipelining',
  'ansible_ssh_pipelining',
  'ansible_remote_tmp',
]

export const neededKeys: ReadonlySet<string> = new Set([
  ...Object.values(needed).flat(),
  'ansible_group_priority',
])

export const ownKeys: readonly string[] = [...neededKeys].filter((key) => key.startsWith('yurt_ssh_'))

export const understoodKeys: ReadonlySet<string> = new Set([...neededKeys, ...meaningless])
