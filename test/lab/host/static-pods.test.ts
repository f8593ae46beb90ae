import { describe, expect, it } from 'vitest'
import { readStaticPods } from '../../../src/lab/host/kubelet/static-pods.js'
import { scratch } from './scratch.js'

const pod = (image: string, comment = '') =>
  `${comment}apiVersion: v1\nkind: Pod\nmetadata: {name: hub, namespace: kube-system}\nspec: {containers: [{name: c, image: ${image}}]}\n`

/** UIDs and images of the folder's pods, and what was reported. */
function read(files: Record<string, string>, node = 'edge-1') {
  const problems: string[] = []
  const root = scratch(Object.fromEntries(Object.entries(files).map(([name, text]) => [`/m/${name}`, text])))
  const pods = readStaticPods(root, '/m', node, (problem) => problems.push(problem))
  return { pods, images: pods.map((found) => found.pod.spec.containers[0]?.image), problems }
}

describe('static pods', () => {
  it.each<[string, Record<string, string>, string[]]>([
    ['any ending', { 'a.bak': pod('a') }, ['a']],
    ['no dot-file', { '.a.yaml': pod('a') }, []],
    ['of one name the last file', { 'hub.yaml': pod('new'), 'hub.yaml.bak': pod('old') }, ['old']],
    [
      'JSON',
      { a: '{"kind":"Pod","metadata":{"name":"x"},"spec":{"containers":[{"name":"c","image":"j"}]}}' },
      ['j'],
    ],
  ])('%s', (_, files, images) => {
    expect(read(files)).toMatchObject({ images, problems: [] })
  })

  it.each([
    ['what is no YAML', 'a: [', /Can't process manifest file \/m\/a/],
    ['what is no Pod', 'kind: Service\nmetadata: {name: x}\n', /couldn't parse as pod/],
    ['a pod without containers', 'kind: Pod\nmetadata: {name: x}\nspec: {}\n', /Required value/],
  ])('reports %s and takes the rest', (_, text, problem) => {
    const { images, problems } = read({ a: text, b: pod('b') })
    expect(images).toEqual(['b'])
    expect(problems).toEqual([expect.stringMatching(problem)])
  })

  it('gives a UID by node, path and pod, whatever the comments', () => {
    const uid = (files: Record<string, string>, node?: string) => read(files, node).pods[0]?.uid
    const plain = uid({ a: pod('x') })
    expect(uid({ a: pod('x', '# a comment\n') })).toBe(plain)
    const others = [uid({ a: pod('y') }), uid({ b: pod('x') }), uid({ a: pod('x') }, 'edge-2')]
    expect(new Set([plain, ...others]).size).toBe(4)
  })
})
