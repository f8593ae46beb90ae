import { expect, it } from 'vitest'
import { disksOf } from '../../src/node/disks.js'

const root = '/dev/vda1 41921540 17242164 24679376 42% /'

it.each([
  ['a full disk has nothing free, and that is known', '/dev/sda1 1000 1000 0 100% /', { freeKiB: 0 }],
  [
    'what is kept for root makes df tell less than nothing on a full one',
    '/dev/sda1 1000 1000 -52 106% /',
    { freeKiB: 0 },
  ],
  ['a share with blanks in its name', '//nas/my share 5 1000 300 700 30% /mnt/a b', { freeKiB: 700 }],
  ['an automount that nobody used yet', 'systemd-1 0 0 0 - /', {}],
  ['a server that does not answer', 'nas:/export - - - - /', {}],
  ['something else than a line of df', 'df: /var/lib: Permission denied', {}],
])('%s', (_name, line, expected) => {
  const [disk] = disksOf(['/var/lib'], [line], [])
  expect({ ...disk, mount: undefined }).toEqual({ folder: '/var/lib', ...expected })
})

it('counts no inodes where there is no number of them, as on Btrfs', () => {
  expect(disksOf(['/var/lib'], [root], ['/dev/vda1 0 0 0 - /'])).toEqual([
    { folder: '/var/lib', mount: '/', freeKiB: 24679376 },
  ])
})

it('gives no folder the line of another where df left one out', () => {
  expect(disksOf(['/var/lib', '/etc/kubernetes'], [root], [])).toEqual([
    { folder: '/var/lib' },
    { folder: '/etc/kubernetes' },
  ])
})
