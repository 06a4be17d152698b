/** Over real sockets on loopback: the scenarios of `scenarios/batches.ts`. */
import { loopbackWorld } from '../loopback-world.ts'
import { stage } from '../rig.ts'
import { batchesScenarios } from '../scenarios/batches.ts'

batchesScenarios(stage(loopbackWorld))
