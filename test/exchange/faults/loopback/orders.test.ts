/** Over real sockets on loopback: the scenarios of `scenarios/orders.ts`. */
import { loopbackWorld } from '../loopback-world.ts'
import { stage } from '../rig.ts'
import { ordersScenarios } from '../scenarios/orders.ts'

ordersScenarios(stage(loopbackWorld))
