/** Without sockets, under virtual time: the scenarios of `scenarios/orders.ts`. */
import { stage } from '../rig.ts'
import { ordersScenarios } from '../scenarios/orders.ts'
import { virtualWorld } from '../world.ts'

ordersScenarios(stage(virtualWorld))
