/** Over real sockets on loopback: the scenarios of `scenarios/account.ts`. */
import { loopbackWorld } from '../loopback-world.ts'
import { stage } from '../rig.ts'
import { accountScenarios } from '../scenarios/account.ts'

accountScenarios(stage(loopbackWorld))
