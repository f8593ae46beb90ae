import { expect, it } from 'vitest'
import { YurtSshError } from '../../src/errors.js'
import { createTrials } from '../../src/ssh/trials.js'

type Answer = 'takes' | 'refuses' | 'is lost'

/** What hosts come to that send one password at the same time, and how many sent it at once at most. */
async function all(answers: readonly Answer[]) {
  const trials = createTrials()
  let sending = 0
  let most = 0
  const sent: number[] = []
  const outcomes = await Promise.allSettled(
    answers.map((answer, host) =>
      trials('ops').run(`host-${host}`, async () => {
        sent.push(host)
        most = Math.max(most, ++sending)
        await new Promise((resolve) => setTimeout(resolve, 5))
        sending--
        if (answer === 'refuses') throw new YurtSshError('SSH_PASSWORD', 'no')
        if (answer === 'is lost') throw new YurtSshError('SSH_LOST', 'lost')
        return 'in'
      }),
    ),
  )
  const told = outcomes.map((outcome) =>
    outcome.status === 'fulfilled' ? outcome.value : String(outcome.reason.message),
  )
  return { told, sent, most }
}

const untried = 'not tried: host-0 has refused the same password of the same user'

it.each<[Answer[], { told: string[]; sent: number[]; most: number }]>([
  [
    ['refuses', 'refuses', 'refuses', 'takes'],
    { told: ['no', untried, untried, untried], sent: [0], most: 1 },
  ],
  [['takes', 'takes', 'takes', 'takes'], { told: ['in', 'in', 'in', 'in'], sent: [0, 1, 2, 3], most: 3 }],
  [
    ['is lost', 'is lost', 'takes', 'takes'],
    { told: ['lost', 'lost', 'in', 'in'], sent: [0, 1, 2, 3], most: 1 },
  ],
])('%j', async (answers, expected) => {
  expect(await all(answers)).toEqual(expected)
})

it('a refusal elsewhere does not keep a host out that took it: a lost link comes back', async () => {
  const trials = createTrials()
  const refuse = () => Promise.reject(new YurtSshError('HOST_SUDO_PASSWORD', 'no'))
  await trials('ops').run('a', async () => 'in')
  await expect(trials('ops').run('b', refuse)).rejects.toMatchObject({ message: 'no' })
  expect(trials('ops').isProven('a')).toBe(true)
  expect(await trials('ops').run('a', async () => 'in again')).toBe('in again')
})

it('a refusal after some took it ends it for all that come later, and only for that user', async () => {
  const trials = createTrials()
  const refuse = () => Promise.reject(new YurtSshError('HOST_SUDO_PASSWORD', 'no'))
  await trials('ops').run('a', async () => 'in')
  expect(trials('ops').isProven('c')).toBe(true)
  await expect(trials('ops').run('b', refuse)).rejects.toMatchObject({ message: 'no' })
  expect(trials('ops').isProven('c')).toBe(false)
  await expect(trials('ops').run('c', async () => 'in')).rejects.toMatchObject({
    code: 'HOST_SUDO_PASSWORD',
    message: expect.stringContaining('b has refused'),
  })
  expect(await trials('admin').run('c', async () => 'in')).toBe('in')
})
