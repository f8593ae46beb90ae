import { expect, it } from 'vitest'
import { inventoryJsonSchema, pathKeys } from '../../src/inventory/schema.js'

/** JSON the way Biome formats it: short lists of words on one line. */
function format(value: object): string {
  const text = JSON.stringify(value, null, 2)
  return `${text.replace(/\[\n\s+("[^[\]{}]*?")\n\s+\]/g, (_, items: string) => `[${items.replace(/\n\s+/g, ' ')}]`)}\n`
}

it('inventory/schema.json is up to date (else run: npx vitest run test/inventory -u)', async () => {
  await expect(format(inventoryJsonSchema())).toMatchFileSnapshot('../../inventory/schema.json')
})

/** Names of the properties, at any depth, that take what a path looks like. */
function pathProperties(value: unknown, name = ''): string[] {
  if (typeof value !== 'object' || value === null) return []
  if ('pattern' in value && value.pattern === '^(?!~[^/]).+$') return [name]
  const structural = ['properties', 'anyOf', 'items', 'definitions', '0', '1']
  return Object.entries(value).flatMap(([key, inner]) =>
    pathProperties(inner, structural.includes(key) ? name : key),
  )
}

it('every key that takes a path is among those that are made absolute', () => {
  expect(new Set(pathProperties(inventoryJsonSchema()))).toEqual(pathKeys)
})
