/**
 * What is under way between the two ends of the loopback: requests and frames that one side has sent and the other has
 * not heard, sockets that open or close. Counts only; knows nothing of content or time.
 */

/** Sockets of the gateway's HTTP agent: further calls wait in its queue, under way nowhere. */
const HTTP_SOCKETS = 16

export class Traffic {
  private readonly links = new Map<string, Link>()
  /** Calls that the client waits for. */
  private readonly calls = new Set<string>()
  /** Those of them that the server has and has not answered. */
  private readonly held = new Set<string>()
  private made = 0

  get isUnderWay(): boolean {
    if (Math.min(this.calls.size, HTTP_SOCKETS) > this.held.size) return true
    for (const link of this.links.values()) if (link.isUnderWay) return true
    return false
  }

  called(): string {
    const id = String(++this.made)
    this.calls.add(id)
    return id
  }

  arrived(id: string): void {
    if (this.calls.has(id)) this.held.add(id)
  }

  answered(id: string): void {
    this.held.delete(id)
  }

  settled(id: string): void {
    this.calls.delete(id)
    this.held.delete(id)
  }

  connecting(): Link {
    const link = new Link(String(++this.made))
    for (const [id, old] of this.links) if (old.isOver) this.links.delete(id)
    this.links.set(link.id, link)
    return link
  }

  link(id: string): Link {
    const link = this.links.get(id)
    if (link === undefined) throw new Error(`a socket of nobody's: ${id}`)
    return link
  }
}

/** One WebSocket, seen from both ends: "here" is the client. */
export class Link {
  readonly id: string
  isOpenHere = false
  private isOpenThere = false
  private isConnecting = true
  private isClosing = false
  private up = 0
  private down = 0

  constructor(id: string) {
    this.id = id
  }

  get isOver(): boolean {
    return !this.isConnecting && !this.isOpenHere && !this.isOpenThere
  }

  get isUnderWay(): boolean {
    if (this.isOver) return false
    return this.isConnecting || this.isClosing || this.up > 0 || this.down > 0
  }

  accepted(): void {
    this.isOpenThere = true
  }

  opened(): void {
    this.isConnecting = false
    this.isOpenHere = true
  }

  sentUp(): void {
    this.up++
  }

  heardUp(): void {
    this.up--
  }

  sentDown(): void {
    this.down++
  }

  heardDown(): void {
    this.down--
  }

  closedHere(): void {
    this.isClosing = true
  }

  closedThere(): void {
    this.isClosing = true
  }

  endedHere(): void {
    this.isConnecting = false
    this.isOpenHere = false
    this.isClosing = true
  }

  endedThere(): void {
    this.isOpenThere = false
    this.isClosing = true
  }
}
