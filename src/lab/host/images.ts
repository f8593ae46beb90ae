import { qualifiedImage } from '../../releases/release.js'
import type { Reply } from './calls.js'

/** The images that a host's container runtime keeps, and the command-line tools that look at them. */
export interface Images {
  has(reference: string): boolean
  /** False when the registry does not answer. */
  pull(reference: string): boolean
  remove(reference: string): void
  crictl(args: readonly string[]): Reply
  ctr(args: readonly string[]): Reply
  docker(args: readonly string[]): Reply
}

export function createImages(present: readonly string[], registry: () => boolean): Images {
  const kept = new Set(present.map(qualifiedImage))
  const images: Images = {
    has: (reference) => kept.has(qualifiedImage(reference)),
    pull(reference) {
      if (!registry()) return images.has(reference)
      kept.add(qualifiedImage(reference))
      return true
    },
    remove: (reference) => void kept.delete(qualifiedImage(reference)),
    crictl(args) {
      const words = args[0] === '-r' ? args.slice(2) : args
      const [verb] = words
      const image = words.at(-1) ?? ''
      if (verb === 'images') return listed()
      if (verb === 'inspecti') return look(image, `no such image "${image}" present`)
      if (verb === 'pull') return fetched(image)
      return unknown('crictl', args)
    },
    ctr(args) {
      const words = args.slice(args.indexOf('images'))
      const image = words.at(-1) ?? ''
      if (words[0] === 'images' && words[1] === 'ls') return listed()
      if (words[0] === 'images' && words[1] === 'pull') return fetched(image)
      return unknown('ctr', args)
    },
    docker(args) {
      const image = args.at(-1) ?? ''
      if (args[0] === 'image' && args[1] === 'ls') return listed()
      if (args[0] === 'image' && args[1] === 'inspect') return look(image, `Error: No such image: ${image}`)
      if (args[0] === 'pull') return fetched(image)
      return unknown('docker', args)
    },
  }

  function listed(): Reply {
    return { status: 0, stdout: [...kept].map((image) => `${image}\n`).join('') }
  }

  function look(image: string, missing: string): Reply {
    return images.has(image) ? { status: 0, stdout: '{}\n' } : { status: 1, stderr: `${missing}\n` }
  }

  function fetched(image: string): Reply {
    if (images.pull(image)) return { status: 0, stdout: `Image is up to date for ${image}\n` }
    return { status: 1, stderr: `failed to pull ${image}: dial tcp: lookup registry: no such host\n` }
  }
  return images
}

function unknown(tool: string, args: readonly string[]): Reply {
  return { status: 2, stderr: `${tool} of the lab does not know ${args.join(' ')}\n` }
}
