import { defaultRunsFolder } from '../report/runs.js'

/** Where records of runs are. */
export function runsFolder({ runDir }: { runDir?: string | undefined }): string {
  return runDir ?? defaultRunsFolder(process.env)
}
