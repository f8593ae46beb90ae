import { expect, it } from 'vitest'
import { createProgram } from '../../src/cli/program.js'
import { apiFaultKinds, faultKinds } from '../../src/lab/faults.js'

it('the help of `lab fault` lists every fault, and none that is not there', () => {
  const lab = createProgram(() => {}).commands.find((command) => command.name() === 'lab')
  const fault = lab?.commands.find((command) => command.name() === 'fault')
  const [hosts = '', api = ''] = fault?.registeredArguments[1]?.description.split('; ') ?? []
  expect(hosts.split(', ')).toEqual(faultKinds)
  expect(api.replace('of api: ', '').split(', ')).toEqual(apiFaultKinds)
})
