import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** A file (`text`), a link or else a folder of a host. */
export interface HostFile {
  path: string
  mode?: string
  text?: string
  link?: string
}

const rows = (name: string): HostFile[] =>
  parse(readFileSync(new URL(`../cases/hosts/${name}.yaml`, import.meta.url), 'utf8')) as HostFile[]

/** The files of a kubeadm node before anyone converts it: test/cases/hosts. */
export const hostFiles = {
  edge: rows('edge'),
  controlPlane: [...rows('edge'), ...rows('control-plane')],
}
