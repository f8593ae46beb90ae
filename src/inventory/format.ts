import type { TextFile } from './files.js'

export type Format = 'native' | 'yaml' | 'ini'

const ours = ['openyurt', 'cluster', 'ssh', 'groups']
const theirs = [
  'all',
  'ungrouped',
  'plugin',
  '_meta',
  'k8s_cluster',
  'kube_control_plane',
  'kube_node',
  'etcd',
]

/**
 * The format of a text: the native one, or one of Ansible's. `forced` leaves only the choice between Ansible's two. It is
 * known by its first section or its top keys, so that a text with a slip in it is still told what is wrong.
 */
export function formatOf(
  { file, text }: Pick<TextFile, 'file' | 'text'>,
  forced?: 'native' | 'ansible',
): Format {
  if (forced === 'native') return 'native'
  if (isIni(file, text)) return 'ini'
  return forced === 'ansible' || isAnsibleYaml(text) ? 'yaml' : 'native'
}

/** A line with only a section's header in it, before anything that only YAML has. */
function isIni(file: string, text: string): boolean {
  if (/\.ini$/i.test(file)) return true
  if (/\.(ya?ml|json)$/i.test(file)) return false
  const lines = text.split('\n').map((line) => line.trim())
  const telling = lines.find(
    (line) => isHeader(line) || /^(---|[{-]\s|["']?[\w.-]+["']?\s*:(\s|$))/.test(line),
  )
  return telling === undefined ? isHostList(lines) : isHeader(telling)
}

function isHeader(line: string): boolean {
  return /^\[[^:\]\s]+(:(hosts|vars|children))?\]\s*(#.*)?$/.test(line)
}

/** Hosts without any group: words with key=value behind them. */
function isHostList(lines: readonly string[]): boolean {
  return lines.some((line) => /^[\w[][^\s=]*\s+\w+=/.test(line))
}

function isAnsibleYaml(text: string): boolean {
  const keys = jsonKeys(text) ?? yamlKeys(text)
  // no key of ours, and its `groups` are none
  if (keys.includes('plugin')) return true
  if (keys.some((key) => ours.includes(key))) return false
  if (keys.some((key) => theirs.includes(key))) return true
  return (
    !keys.includes('hosts') &&
    /[\s{,](["'](hosts|children|vars)["']\s*:|(hosts|children|vars)\s*:(\s|$))/.test(text)
  )
}

/** Of JSON the top keys, on however few lines it stands. */
function jsonKeys(text: string): string[] | undefined {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    return Object.keys(JSON.parse(text) as object)
  } catch {
    return undefined
  }
}

function yamlKeys(text: string): string[] {
  return [...text.matchAll(/^(?:\{\s*)?["']?([\w.-]+)["']?\s*:(?=\s|$)/gm)].map(([, key = '']) => key)
}
