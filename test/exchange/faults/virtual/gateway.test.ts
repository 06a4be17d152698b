/** Without sockets, under virtual time: the scenarios of `scenarios/gateway.ts`. */
import { stage } from '../rig.ts'
import { gatewayScenarios } from '../scenarios/gateway.ts'
import { virtualWorld } from '../world.ts'

gatewayScenarios(stage(virtualWorld))
