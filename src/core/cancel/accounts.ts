/**
 * Whose keys these are. An emergency key of another account than the bot's proves a zero that helps nobody: keys of several
 * accounts make an emergency each, and the account of the bot of this host must be among them. Asked after the cancelling
 * has begun, never before it.
 */
import type { Signer } from '../exchange/bybit/signing.ts'
import { cancelAll } from './cancel-all.ts'
import type { Outcome, Plan } from './outcome.ts'
import { RequestLog } from './request-log.ts'
import { CANCEL_EXIT } from './verdict.ts'
import { VenueClient } from './venue-client.ts'

const BUDGET_MS = 3_000
const AGAIN_MS = 200

/** `first` where all usable keys are of one account; else one outcome for each account, by its own keys alone. */
export async function perAccount(plan: Plan, first: Outcome, say: (text: string) => void): Promise<Outcome[]> {
  const groups = plan.signers.length < 2 || plan.abort.aborted ? [] : await groupsOf(plan)
  if (groups.length < 2) return [first]
  say(`mm: the keys are of ${groups.length} accounts: each is cancelled by its own`)
  const outcomes: Outcome[] = []
  // The writer was stopped once, for all of them.
  const fence = (): Promise<Outcome['fence']> => Promise.resolve(first.fence)
  for (const signers of groups) outcomes.push(await cancelAll({ ...plan, signers, fence }))
  return outcomes
}

/** Zero on other accounts than the bot's is no answer to whoever wants the bot's orders gone. */
export function insistOnAccount(outcomes: readonly Outcome[], botUid: string): readonly Outcome[] {
  const isMissed = botUid !== '' && outcomes.every(({ aftermath: { uid } }) => uid !== '' && uid !== botUid)
  if (!isMissed) return outcomes
  const trouble = `the bot of this host trades on account ${botUid}, and no key here is of that account`
  return outcomes.map((one) => (one.exit === CANCEL_EXIT.proven ? { ...one, exit: CANCEL_EXIT.partial, trouble } : one))
}

// A refused key is of no use, whoever owns it. One that nobody could ask about counts as an account of its own.
async function groupsOf({ net, signers }: Plan): Promise<Signer[][]> {
  const owners = await Promise.all(signers.map((signer) => ownerOf(net, signer)))
  const groups = new Map<string, Signer[]>()
  for (const [index, signer] of signers.entries()) {
    const owner = owners[index]
    if (owner === null) continue
    const name = owner ?? `unread ${index}`
    groups.set(name, [...(groups.get(name) ?? []), signer])
  }
  return owners.some((owner) => typeof owner === 'string') ? [...groups.values()] : []
}

// null: the key is refused. undefined: nobody answered.
async function ownerOf(net: Plan['net'], signer: Signer): Promise<string | null | undefined> {
  const client = new VenueClient(net, [signer], new RequestLog())
  const untilMs = client.nowMs() + BUDGET_MS
  const call = { method: 'GET', path: '/v5/user/query-api', params: {}, unit: 'owner', gate: 'user' } as const
  while (client.nowMs() < untilMs) {
    const answer = await client.call(call, untilMs)
    if (answer.kind === 'ok') {
      const uid = answer.result['userID']
      return typeof uid === 'number' || typeof uid === 'string' ? String(uid) : undefined
    }
    if (answer.kind === 'denied' || answer.kind === 'banned') return answer.kind === 'denied' ? null : undefined
    await client.sleep(AGAIN_MS)
  }
  return undefined
}
