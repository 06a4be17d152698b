/**
 * What a rule is. A rule file exports `rules`: its documentation, its shapes and its cases side by side.
 * Shapes are written in the small pattern language of `sample.ts`: linear, bounded, and able to generate their own positives.
 */
import type { Sampler } from './sample.ts'

export type Tier = 'confirmed' | 'likely' | 'review'
export type Severity = 'critical' | 'high' | 'medium' | 'low'
export type Family =
  | 'exchange'
  | 'wallet'
  | 'cloud'
  | 'code'
  | 'ci'
  | 'chat'
  | 'payment'
  | 'ai'
  | 'data'
  | 'observability'
  | 'identity'
  | 'mail'
  | 'web'
  | 'key'
  | 'generic'

/** A token that its own text gives away. */
export interface TokenShape {
  /** The whole token. Starts with at least three fixed characters unless `anchors` are given. */
  readonly pattern: string
  /** Fixed texts inside the token that are searched for instead of its beginning. */
  readonly anchors?: readonly string[]
  /** Most characters of the token that may stand before an anchor. */
  readonly back?: number
  /** Judges the matched text: checksum, structure. Without it the tier is `likely`. */
  readonly check?: (token: string) => Tier | 'no'
  readonly tier?: Tier
  /** Makes a positive where `check` wants more than the pattern says. */
  readonly sample?: (sampler: Sampler) => string
  /** Short or common beginnings are believed only where the text around holds one of these words. */
  readonly near?: readonly string[]
}

/** A value whose length and alphabet mean something only beside its owner's name. */
export interface NamedShape {
  /** Lower-case words looked for in the name the value is bound to: `adafruit`, `newrelic`. */
  readonly names: readonly string[]
  readonly pattern: string
  readonly tier?: Tier
  /** `id` is the public half of a pair: reported for review, confirmed with its secret. */
  readonly role?: 'id' | 'secret'
  /** Words of which the name must also hold one. */
  readonly with?: readonly string[]
}

export interface Rule {
  readonly id: string
  readonly title: string
  readonly family: Family
  readonly severity: Severity
  /** Where the shape is documented or observed, and what a leak means. One or two sentences. */
  readonly doc: string
  readonly tokens?: readonly TokenShape[]
  readonly named?: readonly NamedShape[]
  /** For what has no token shape (key files, URLs, seed phrases): runs at each place `needle` occurs. */
  readonly detect?: Detector
  /** Hand-written cases on top of those generated from the shapes. */
  readonly cases?: RuleCases
}

/** Looks at one occurrence of `needle`; must read a bounded number of bytes around it. */
export interface Detector {
  /** Empty: once, at the first byte. */
  readonly needle: string
  /** With an empty needle: only where the text begins with this character. */
  readonly begins?: string
  /** Other spellings of the needle. */
  readonly also?: readonly string[]
  /**
   * Only where the word before the needle (no blank, quote or angle bracket; 256 bytes) holds this text; nothing but its
   * last byte is searched for, back from the needle. A hint for speed: `at` may also be called elsewhere.
   */
  readonly behind?: string
  /** How many bytes behind the needle it reads, when they are more than `SLICE_REACH` (slices.ts). */
  readonly ahead?: number
  /** Also run on binary files. */
  readonly inBinary?: boolean
  readonly at: (place: Place) => void
}

export interface Place {
  readonly buf: Buffer
  /** Offset of the needle. */
  readonly at: number
  readonly from: number
  readonly end: number
  readonly path: string
  /** Reports a value. */
  readonly hit: (found: { start: number; end: number; tier: Tier; reason: string }) => void
}

export interface RuleCases {
  /** Texts that must be found, with the tier each must reach. */
  readonly found?: (sampler: Sampler) => readonly { readonly text: string; readonly tier: Tier }[]
  /** Near-misses: nothing above `review` may be found. */
  readonly clean?: (sampler: Sampler) => readonly string[]
}

/** One detection inside one source, before baseline and allowlist. */
export interface Hit {
  readonly rule: string
  tier: Tier
  /** Byte offsets in the source (for decoded text: of the encoded value). */
  readonly start: number
  readonly end: number
  readonly value: string
  /** How the value was reached: `base64`, `hex`, `percent`, `utf-16`. Empty for plain text. */
  readonly via: string
  readonly reason: string
  readonly role: 'id' | 'secret' | undefined
}
