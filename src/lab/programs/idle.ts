import type { Program } from '../types.js'
import { runProgram } from './program.js'

/** A stand-in that runs and is Ready, and does nothing. */
function idle(name: string): Program {
  return (context) => {
    context.log(`${name}: a stand-in that does nothing`)
    return runProgram(context, {
      main: (signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
    })
  }
}

export const tunnelServer = idle('yurt-tunnel-server')
export const tunnelAgent = idle('yurt-tunnel-agent')
export const appManager = idle('yurt-app-manager')
