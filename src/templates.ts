import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type Handlebars from 'handlebars'
import { YurtSshError } from './errors.js'

/** Values that a template may read. */
export type TemplateContext = { readonly [key: string]: TemplateValue }
type TemplateValue = string | number | boolean | null | readonly TemplateValue[] | TemplateContext

const root = new URL('../templates/', import.meta.url)
const compiled = new Map<string, Handlebars.TemplateDelegate>()

/**
 * One shell word that any POSIX sh reads back as exactly `value`. Single quotes carry bytes 1 to 255; a NUL cannot be
 * carried by any shell and is refused.
 */
export function shellQuote(value: string): string {
  if (value.includes('\0')) throw new YurtSshError('NODE_NUL', 'a value for a shell script holds a NUL byte')
  return `'${value.replaceAll("'", `'\\''`)}'`
}

let engine: typeof Handlebars | undefined

/** Loaded by the first template: masking a token in an error, or `--help`, needs none. */
function handlebars(): typeof Handlebars {
  if (engine !== undefined) return engine
  const { create } = createRequire(import.meta.url)('handlebars') as typeof Handlebars
  engine = create()
  engine.registerHelper('sh', (value: unknown) => shellQuote(defined('sh', value)))
  engine.registerHelper('json', (value: unknown) => JSON.stringify(defined('json', value)))
  return engine
}

function defined(helper: string, value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new Error(`{{${helper}}} got ${value === null ? 'null' : typeof value}`)
}

/**
 * Renders `templates/<name>.hbs`; a template for HTML or XML escapes its values. A name that the context does not have is an error, inside blocks and helpers too:
 * Handlebars' own strict mode sees only plain `{{name}}` (handlebars 4.7: strict, knownHelpers).
 */
export function render(name: string, context: TemplateContext): string {
  let template = compiled.get(name)
  if (template === undefined) {
    template = handlebars().compile(readTemplate(name), {
      noEscape: !/\.(html|xml)$/.test(name),
      strict: true,
      knownHelpersOnly: true,
      knownHelpers: { sh: true, json: true },
    })
    compiled.set(name, template)
  }
  return template(guarded(name, context))
}

/** The text of `templates/<name>.hbs`; partials that it names are registered on the way. */
function readTemplate(name: string): string {
  const text = readFileSync(fileURLToPath(new URL(`${name}.hbs`, root)), 'utf8')
  for (const [, partial] of text.matchAll(/\{\{> *([\w/-]+) *\}\}/g)) {
    if (partial !== undefined && handlebars().partials[partial] === undefined) {
      handlebars().registerPartial(partial, readTemplate(partialFile(partial)))
    }
  }
  return text
}

/** `{{> host/lib}}` is the file host/lib.sh.hbs: a partial's name leaves the language out. */
const partialFile = (partial: string): string => `${partial}.sh`

/** The context as an object that throws where a template reads a name it does not have. */
function guarded<T extends TemplateValue>(name: string, value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item: TemplateValue) => guarded(name, item)) as unknown as T
  const target = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, guarded(name, item)]))
  return new Proxy(target, {
    get(object, key) {
      if (
        typeof key === 'string' &&
        !Object.hasOwn(object, key) &&
        !['toHTML', 'toString', 'valueOf', 'then'].includes(key)
      ) {
        throw new Error(`template ${name} reads ${key}, which its context does not have`)
      }
      return Reflect.get(object, key)
    },
  }) as T
}
