import type { Program } from '../types.js'
import { controllerManager } from './controller-manager.js'
import { appManager, tunnelAgent, tunnelServer } from './idle.js'
import { yurtControllerManager } from './yurt-controller-manager.js'

/** The stand-ins of what runs in pods beside the hub, by the name of their command. */
export const clusterPrograms: Readonly<Record<string, Program>> = {
  'kube-controller-manager': controllerManager,
  'yurt-controller-manager': yurtControllerManager,
  'yurt-tunnel-server': tunnelServer,
  'yurt-tunnel-agent': tunnelAgent,
  'yurt-app-manager': appManager,
}
