import fc from 'fast-check'

/** `npm test` tries the same cases each time; `npm run test:long` other ones, and more of them. */
export const seed = Number(process.env.PROPERTY_SEED ?? 20260102)
const times = Number(process.env.PROPERTY_TIMES ?? 1)

/** How many cases a property is tried with; 100 where it does not say. */
export const runs = (usual: number): number => usual * times

/** Milliseconds for a test of properties that takes more than others. */
export const patience = (usual: number): number => usual * times

fc.configureGlobal({ seed, numRuns: runs(100) })

export { fc }
