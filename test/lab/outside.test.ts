import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { requireTool } from '../support/tools.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const isRoot = process.getuid?.() === 0

/** Everything but one folder can only be read; then the main job there, by the program as users have it. */
const script = `
mount --make-rprivate / && mount --bind / / && mount -o remount,bind,ro / && mount -t tmpfs tmpfs "$1" || exit 90
chmod 0777 "$1"
touch /var/tmp/yurt-ssh-outside 2>/dev/null && exit 91
cd "$1"
export HOME=$1 XDG_STATE_HOME=$1/state TMPDIR=$1
as() { if [ "$2" = 0 ]; then sh -euc "$1"; else setpriv --reuid="$2" --regid="$2" --clear-groups sh -euc "$1"; fi; }
as '
  yurt_ssh() { "$NODE" "$PROGRAM" "$@"; }
  yurt_ssh lab up --dir lab --hosts 3 --speed 20
  trap "yurt_ssh lab down --dir lab" EXIT
  yurt_ssh convert -i lab/inventory.yaml --yes
  yurt_ssh status -i lab/inventory.yaml
  yurt_ssh revert -i lab/inventory.yaml --yes
' "$2"
`

/** A read-only mount shows that nothing else was written; what tried to would have failed, or be missing from its place. */
describe.skipIf(!isRoot)(
  'run as root: nothing outside the folder of a lab is written',
  { timeout: 240_000 },
  () => {
    it.each([
      ['root', 0],
      ['an ordinary user', 65534],
    ])('as %s', (_, uid) => {
      const tools = ['unshare', 'setpriv', 'mount'].map(requireTool)
      if (!existsSync(join(root, 'dist/cli.js'))) throw new Error('dist is not built: npm run build')
      if (tools.includes(false)) return
      const folder = mkdtempSync(join(tmpdir(), 'yurt-ssh-outside-'))
      try {
        const { status, stdout, stderr } = spawnSync(
          'unshare',
          ['-m', 'sh', '-c', script, 'sh', folder, String(uid)],
          {
            encoding: 'utf8',
            env: { ...process.env, NODE: process.execPath, PROGRAM: join(root, 'bin/yurt-ssh.js') },
          },
        )
        expect(status, stdout + stderr).toBe(0)
        expect(stdout).toContain('The lab is up.')
      } finally {
        rmSync(folder, { recursive: true })
      }
    })
  },
)
