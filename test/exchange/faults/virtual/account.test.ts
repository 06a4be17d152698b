/** Without sockets, under virtual time: the scenarios of `scenarios/account.ts`. */
import { stage } from '../rig.ts'
import { accountScenarios } from '../scenarios/account.ts'
import { virtualWorld } from '../world.ts'

accountScenarios(stage(virtualWorld))
