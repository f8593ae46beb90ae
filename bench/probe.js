// Loaded into the measured process by `node --import`: the product knows nothing of it.
import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const lag = monitorEventLoopDelay({ resolution: 5 })
lag.enable()
process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
  const measured = {
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    peakMegabytes: maxRSS / 1024,
    lagMilliseconds: lag.percentile(99) / 1e6,
  }
  writeFileSync(process.env.BENCH_PROBE, JSON.stringify(measured))
})
