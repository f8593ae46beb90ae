/** How `systemctl` of a version words what it says. */
export interface Wording {
  /** What `systemctl --version` prints. */
  version: string
  /** What stands in front of each EnvironmentFiles= of `systemctl show`: its name only from 238 on. */
  environmentFile: string
  /** 230 puts an empty line after them. */
  afterEnvironmentFiles: string
  /** Older ones ignore the setting. */
  knowsRuntimeMaxSec: boolean
}

/** Of distributions; other versions name no build. */
const builds: Readonly<Record<number, string>> = {
  247: '247.3-7',
  252: '252.38-1~deb12u1',
  255: '255.4-1ubuntu8',
}

export function wordingOf(systemd: number): Wording {
  const build = builds[systemd]
  return {
    version: `systemd ${systemd}${build === undefined ? '' : ` (${build})`}\n+PAM +AUDIT +SELINUX +IMA +APPARMOR +SMACK +SYSVINIT +UTMP\n`,
    environmentFile: systemd < 238 ? 'EnvironmentFile' : 'EnvironmentFiles',
    afterEnvironmentFiles: systemd === 230 ? '\n' : '',
    knowsRuntimeMaxSec: systemd >= 229,
  }
}
