/** Over real sockets on loopback: the scenarios of `scenarios/streams.ts`. */
import { loopbackWorld } from '../loopback-world.ts'
import { stage } from '../rig.ts'
import { streamsScenarios } from '../scenarios/streams.ts'

streamsScenarios(stage(loopbackWorld))
