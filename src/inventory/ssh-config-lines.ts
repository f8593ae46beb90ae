import SSHConfig, { type Directive } from 'ssh-config'
import { messageOf, YurtSshError } from '../errors.js'
import { configWords } from './ssh-config-words.js'

/** A `Host` or `Match` that lines stand under; inside of an `Include`, the block around it is its parent. */
export interface ConfigBlock {
  keyword: 'host' | 'match'
  words: string[]
  /** `file:line` */
  place: string
  parent?: ConfigBlock
}

/** One setting of an ssh_config, its words without quotes. */
export interface ConfigLine {
  /** In lower case: ssh_config does not tell `Port` from `port`. */
  keyword: string
  words: string[]
  /** All after the keyword as it stands in the file. */
  raw: string
  place: string
  block?: ConfigBlock
}

/** @throws YurtSshError SSH_CONFIG: not a file of that format */
export function parseConfigLines(text: string, file: string, parent?: ConfigBlock): ConfigLine[] {
  const source = text.split('\n')
  const lines: ConfigLine[] = []
  let number = 1

  function walk(entries: Iterable<SSHConfigLine>, block: ConfigBlock | undefined): void {
    for (const entry of entries) {
      number += newlines(entry.before)
      const place = `${file}:${number}`
      if ('content' in entry || !('param' in entry)) {
        number += newlines(entry.after)
        continue
      }
      const keyword = entry.param.toLowerCase()
      const raw = /^\s*\w+(?:\s*=\s*|\s+)(.*?)\s*$/.exec(source[number - 1] ?? '')?.[1] ?? ''
      const words = keyword === 'match' ? criteria(entry.value) : configWords(raw)
      if (words === undefined)
        throw new YurtSshError('SSH_CONFIG', `${place}: a quote has no end`, { hint: aside })
      number += newlines(entry.after)
      if (!('config' in entry)) lines.push({ keyword, words, raw, place, ...(block && { block }) })
      else if (keyword === 'host' || keyword === 'match')
        walk(entry.config, { keyword, words, place, ...(parent && { parent }) })
    }
  }

  walk(parse(text, file), parent)
  return lines
}

type SSHConfigLine = SSHConfig[number]

/** OpenSSH splits the words of Match in a way of their own, as the parser does. */
function criteria(value: Directive['value']): string[] {
  return typeof value === 'string' ? [value] : value.map(({ val }) => val)
}

const aside = '`ssh: { config: none }` in the inventory leaves it aside'

const newlines = (text: string) => text.split('\n').length - 1

function parse(text: string, file: string): SSHConfig {
  try {
    return SSHConfig.parse(text.replaceAll('\r\n', '\n'))
  } catch (cause) {
    throw new YurtSshError('SSH_CONFIG', `${file} is no ssh_config: ${messageOf(cause)}`, {
      hint: aside,
      cause,
    })
  }
}
