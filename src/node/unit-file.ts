import { splitWords } from './words.js'

/** One `key=value` line of a unit or drop-in, with the place it stands in. */
export interface UnitSetting {
  section: string
  key: string
  value: string
  /** Such as `/etc/systemd/system/kubelet.service.d/10-kubeadm.conf line 11`. */
  place: string
}

/**
 * The settings of a unit and its drop-ins in the order in which systemd reads them, from the text of `systemctl
 * cat`, which puts `# /path` before each file. A backslash at the end of a line joins it with the next, comments
 * between them are skipped (systemd.syntax(7)).
 */
export function parseUnitText(text: string): UnitSetting[] {
  const settings: UnitSetting[] = []
  let [path, section, line, start, joined] = ['unit', '', 0, 0, '']
  for (const raw of text.split(/\r?\n/)) {
    line++
    const header = /^# (\/\S+\.(?:service|conf))$/.exec(raw)?.[1]
    if (header) [path, section, line, joined] = [header, '', 0, '']
    if (/^\s*[#;]/.test(raw)) continue
    if (joined === '') start = line
    joined += raw.trimStart()
    if (joined.endsWith('\\')) {
      joined = `${joined.slice(0, -1)} `
      continue
    }
    const [, key = '', value = ''] = /^([^=]+?)\s*=\s*(.*?)\s*$/.exec(joined) ?? []
    section = /^\[(.+)\]\s*$/.exec(joined)?.[1] ?? section
    if (key !== '' && !joined.startsWith('['))
      settings.push({ section, key, value, place: `${path} line ${start}` })
    joined = ''
  }
  return settings
}

/** What is in force of a setting that may be given several times: an empty value drops all before it. */
export function inForce(settings: UnitSetting[], section: string, key: string): UnitSetting[] {
  const all = settings.filter((setting) => setting.section === section && setting.key === key)
  return all.slice(all.findLastIndex(({ value }) => value === '') + 1)
}

/** The variables that Environment= lines set. */
export function unitEnvironment(settings: UnitSetting[]): Map<string, string> {
  const words = inForce(settings, 'Service', 'Environment').flatMap(({ value }) => splitWords(value))
  return new Map(
    words.map(({ text }) => {
      const at = text.indexOf('=')
      return [text.slice(0, at), text.slice(at + 1)]
    }),
  )
}
