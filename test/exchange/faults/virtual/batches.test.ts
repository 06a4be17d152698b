/** Without sockets, under virtual time: the scenarios of `scenarios/batches.ts`. */
import { stage } from '../rig.ts'
import { batchesScenarios } from '../scenarios/batches.ts'
import { virtualWorld } from '../world.ts'

batchesScenarios(stage(virtualWorld))
