import { parseAllDocuments } from 'yaml'
import { render, type TemplateContext } from '../templates.js'
import { ownLabels } from './ownership.js'
import type { KubeObject } from './types.js'

/** The objects of `templates/components/<name>.yaml.hbs`, in the order of the file, each marked as ours. */
export function renderObjects(name: string, context: TemplateContext): KubeObject[] {
  return renderDocuments(name, context).map((document) => {
    const object = document as KubeObject
    return {
      ...object,
      metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...ownLabels } },
    }
  })
}

/** The YAML documents of a template as plain data, empty ones left out. */
export function renderDocuments(name: string, context: TemplateContext): unknown[] {
  const documents = parseAllDocuments(render(`components/${name}.yaml`, context))
  return [...documents]
    .map((document) => {
      const [error] = document.errors
      if (error !== undefined)
        throw new Error(`template components/${name}.yaml is not YAML`, { cause: error })
      return document.toJS() as unknown
    })
    .filter((document) => document !== null)
}
