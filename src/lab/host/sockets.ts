import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { join } from 'node:path'

/** A TCP socket of a process, as /proc shows it. */
interface Row {
  pid: number
  inode: number
  local: string
  remote: string
  /** 0A listens, 01 is connected. */
  state: '0A' | '01'
}

/** The sockets of a host: /proc/net/tcp, and the links in /proc/PID/fd. */
export interface Sockets {
  listen(pid: number, address: string, port: number): void
  /** A connection from a port of the system's choice. Returns what closes it. */
  connect(pid: number, address: string, port: number): () => void
  /** All of a process, as when it ends. */
  drop(pid: number): void
}

const header =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'

/** `own` is the host's address. */
export function createSockets(root: string, own: string): Sockets {
  const net = join(root, 'proc/net')
  mkdirSync(net, { recursive: true })
  let rows: Row[] = []
  let inode = 20_000
  let ephemeral = 32_768

  function show(): void {
    writeFileSync(join(net, '.tcp'), `${[header, ...rows.map(rowText)].join('\n')}\n`)
    renameSync(join(net, '.tcp'), join(net, 'tcp'))
  }

  function add(row: Omit<Row, 'inode'>): Row {
    const added = { ...row, inode: inode++ }
    rows.push(added)
    symlinkSync(`socket:[${added.inode}]`, fdPath(added))
    show()
    return added
  }

  function fdPath(row: Row): string {
    return join(root, 'proc', String(row.pid), 'fd', String(row.inode))
  }

  show()
  return {
    listen(pid, address, port) {
      add({ pid, local: hex(address, port), remote: '00000000:0000', state: '0A' })
    },
    connect(pid, address, port) {
      ephemeral = ephemeral === 60_999 ? 32_768 : ephemeral + 1
      const row = add({
        pid,
        local: hex(address.startsWith('127.') ? '127.0.0.1' : own, ephemeral),
        remote: hex(address, port),
        state: '01',
      })
      return () => {
        if (!rows.includes(row)) return
        rows = rows.filter((other) => other !== row)
        rmSync(fdPath(row), { force: true })
        show()
      }
    },
    drop(pid) {
      rows = rows.filter((row) => row.pid !== pid)
      show()
    },
  }
}

function rowText({ inode, local, remote, state }: Row, index: number): string {
  const number = String(index).padStart(4)
  return `${number}: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 100 0 0 10 0`
}

/** As a little-endian kernel prints it. */
function hex(address: string, port: number): string {
  const bytes = isIPv4(address) ? address.split('.').map(Number) : [0, 0, 0, 0]
  const text = (value: number, digits: number): string =>
    value.toString(16).toUpperCase().padStart(digits, '0')
  return `${bytes
    .reverse()
    .map((byte) => text(byte, 2))
    .join('')}:${text(port, 4)}`
}
