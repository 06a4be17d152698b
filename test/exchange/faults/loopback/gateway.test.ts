/** Over real sockets on loopback: the scenarios of `scenarios/gateway.ts`. */
import { loopbackWorld } from '../loopback-world.ts'
import { stage } from '../rig.ts'
import { gatewayScenarios } from '../scenarios/gateway.ts'

gatewayScenarios(stage(loopbackWorld))
