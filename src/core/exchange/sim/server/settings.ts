/** What an account has set that the ledger does not know: margin mode, disconnect protection. */
export type DcpProduct = 'SPOT' | 'DERIVATIVES' | 'OPTIONS'

export interface DcpSetting {
  isOn: boolean
  windowS: number
}

export interface AccountSettings {
  marginMode: 'REGULAR_MARGIN' | 'ISOLATED_MARGIN' | 'PORTFOLIO_MARGIN'
  readonly dcp: Readonly<Record<DcpProduct, DcpSetting>>
  updatedMs: number
}

export class Settings {
  private readonly byUid = new Map<string, AccountSettings>()
  private readonly startMs: number
  /** Accounts that Bybit would let use DCP at all; ordinary ones may not. */
  readonly isInstitutional: boolean

  constructor(startMs: number, isInstitutional: boolean) {
    this.startMs = startMs
    this.isInstitutional = isInstitutional
  }

  of(key: { readonly uid: string }): AccountSettings {
    let found = this.byUid.get(key.uid)
    if (found === undefined) {
      found = {
        marginMode: 'REGULAR_MARGIN',
        dcp: { SPOT: dcpOff(), DERIVATIVES: dcpOff(), OPTIONS: dcpOff() },
        updatedMs: this.startMs,
      }
      this.byUid.set(key.uid, found)
    }
    return found
  }
}

const dcpOff = (): DcpSetting => ({ isOn: false, windowS: 10 })
