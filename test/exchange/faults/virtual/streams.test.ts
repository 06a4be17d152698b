/** Without sockets, under virtual time: the scenarios of `scenarios/streams.ts`. */
import { stage } from '../rig.ts'
import { streamsScenarios } from '../scenarios/streams.ts'
import { virtualWorld } from '../world.ts'

streamsScenarios(stage(virtualWorld))
