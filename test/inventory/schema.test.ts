import { expect, it } from 'vitest'
import { inventoryJsonSchema } from '../../src/inventory/schema.js'

/** JSON the way Biome formats it: short lists of words on one line. */
function format(value: object): string {
  const text = JSON.stringify(value, null, 2)
  return `${text.replace(/\[\n\s+("[^[\]{}]*?")\n\s+\]/g, (_, items: string) => `[${items.replace(/\n\s+/g, ' ')}]`)}\n`
}

it('inventory/schema.json is up to date (else run: npx vitest run test/inventory -u)', async () => {
  await expect(format(inventoryJsonSchema())).toMatchFileSnapshot('../../inventory/schema.json')
})
