/**
 * Disconnect cancel protection (BYBIT.md §2.7): when every private socket that listened to a product's `dcp` topic has
 * been gone for the account's window, the product's orders are cancelled with CancelByDCP. It watches sockets, nothing
 * else: an account that never listened is never protected.
 */
import type { Category } from '../../../../domain/instrument.ts'
import type { Agenda } from '../agenda.ts'
import type { DcpProduct, Settings } from '../settings.ts'
import type { Session } from './session.ts'

const PRODUCTS: Readonly<Record<string, DcpProduct>> = {
  'dcp.future': 'DERIVATIVES',
  'dcp.spot': 'SPOT',
  'dcp.option': 'OPTIONS',
}
const CATEGORIES: Readonly<Record<DcpProduct, readonly Category[]>> = {
  DERIVATIVES: ['linear', 'inverse'],
  SPOT: ['spot'],
  OPTIONS: ['option'],
}

interface Watched {
  readonly sockets: Set<Session>
  /** Grows with every socket that comes: an older alarm is void. */
  round: number
}

export class DcpWatch {
  private readonly agenda: Agenda
  private readonly settings: Settings
  private readonly fire: (uid: string, categories: readonly Category[]) => void
  private readonly watched = new Map<string, Watched>()

  constructor(agenda: Agenda, settings: Settings, fire: (uid: string, categories: readonly Category[]) => void) {
    this.agenda = agenda
    this.settings = settings
    this.fire = fire
  }

  /** The session listens to these topics now. */
  alive(session: Session, topics: readonly string[]): void {
    for (const topic of topics) {
      const product = PRODUCTS[topic]
      if (product === undefined) continue
      const watched = this.of(session.uid, product)
      if (watched.sockets.has(session)) continue
      watched.sockets.add(session)
      watched.round++
      session.onClosed(() => this.gone(session, product))
    }
  }

  private gone(session: Session, product: DcpProduct): void {
    const watched = this.of(session.uid, product)
    watched.sockets.delete(session)
    if (watched.sockets.size > 0) return
    const { round } = watched
    const setting = this.settings.of(session).dcp[product]
    this.agenda.after(setting.windowS * 1_000_000, () => {
      if (setting.isOn && watched.round === round) this.fire(session.uid, CATEGORIES[product])
    })
  }

  private of(uid: string, product: DcpProduct): Watched {
    const key = `${uid} ${product}`
    let found = this.watched.get(key)
    if (found === undefined) {
      found = { sockets: new Set(), round: 0 }
      this.watched.set(key, found)
    }
    return found
  }
}
