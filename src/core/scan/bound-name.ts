/**
 * @hot The name left of an operator: closing quotes and brackets, type annotations, qualifying words, the word itself.
 * It never looks further back than the floor its reader sets, so the work per value is bounded.
 */
import { ALNUM, BLANK, CLASS, EOL, isAlnum, isIdent, QUOTE, UPPER } from './alphabet.ts'
import { C, entityBefore, QUALIFIERS } from './binding-words.ts'
import { SERVICES } from './service-names.ts'

/** Longest name of a service. */
const SERVICE_MAX = 20

export type Separator = 'none' | 'assign' | 'colon' | 'element' | 'comma' | 'call' | 'space' | 'scheme' | 'below'

/** What a value is bound to, and the place up to which the bytes before it have been read. */
export abstract class BoundName {
  separator: Separator = 'none'
  /** Quote byte right before the value, 0 for a bare value. */
  quote = 0
  nameStart = 0
  nameEnd = 0
  /** The function called with the value, when there is one: `setToken(…)`. */
  calleeStart = 0
  calleeEnd = 0
  /** The word between the name and its operator when it was taken for a type: `name: Type = v`. */
  typeStart = 0
  typeEnd = 0
  protected buf: Uint8Array = new Uint8Array(0)
  protected floor = 0
  protected i = 0

  /** Reads the name that ends at or before `i`. */
  protected name(separator: Separator): boolean {
    const { buf, floor } = this
    this.separator = separator
    if (separator === 'scheme') {
      const start = this.nameStart
      const end = this.nameEnd
      this.skipNameClosers()
      if (this.i >= floor && (buf[this.i] === C.colon || buf[this.i] === C.equals || buf[this.i] === C.comma)) {
        this.i--
        this.skipNameClosers()
        if (this.word()) return true
      }
      this.nameStart = start
      this.nameEnd = end
      return this.isKeyWord() ? this.spacedKey() : true
    }
    if (separator === 'assign' && this.skipGenericType()) return this.word()
    const closed = this.skipNameClosers()
    if (closed) return this.word() || this.calleeIfAny()
    if (separator === 'assign' && this.skipAnnotation()) return this.word()
    if (!this.word()) return this.calleeIfAny()
    if (separator === 'colon' && this.quote !== 0) this.skipCondition()
    if (separator === 'assign' && this.isTypeWord()) this.wordBefore()
    return true
  }

  /** `key` is a scheme only behind an operator: `Authorization: Key v`. */
  private isKeyWord(): boolean {
    return this.nameEnd - this.nameStart === 3
  }

  /** `api key v`: the name with the words that qualify it. */
  private spacedKey(): boolean {
    this.separator = 'space'
    this.i = this.nameEnd - 1
    return this.word()
  }

  /** `name = test ? other : "v"`: what stands before a lone `?` on this line is assigned. */
  private skipCondition(): void {
    const { buf, floor, nameStart, nameEnd } = this
    let k = nameStart - 1
    while (k >= floor && CLASS[buf[k]!]! & BLANK) k--
    if (k === nameStart - 1 || buf[k] !== C.question) return
    while (k >= floor && buf[k] !== C.equals && !(CLASS[buf[k]!]! & EOL)) k--
    if (k < floor || buf[k] !== C.equals || !(CLASS[buf[k - 1]!]! & BLANK) || !(CLASS[buf[k + 1]!]! & BLANK)) return
    this.i = k - 1
    this.skipBlanks()
    if (this.word()) return
    this.nameStart = nameStart
    this.nameEnd = nameEnd
  }

  private calleeIfAny(): boolean {
    return this.calleeEnd > 0 && this.callee()
  }

  /** Skips blanks, quotes, brackets after a name; true when a quote or bracket closed it. */
  private skipNameClosers(): boolean {
    const { buf, floor } = this
    let closed = false
    for (let n = 0; this.i >= floor && n < 24; n++) {
      const byte = buf[this.i]!
      const entity = entityBefore(buf, this.i, floor)
      // `char name[] = `
      if (byte === C.closeSquare && buf[this.i - 1] === C.openSquare) this.i--
      if (CLASS[byte]! & QUOTE || byte === C.closeSquare || byte === C.close || byte === C.star) closed = true
      else if (entity > 0) this.i -= entity - 1
      else if (!(CLASS[byte]! & BLANK) && byte !== C.backslash) break
      this.i--
    }
    return closed
  }

  protected word(): boolean {
    const { buf, floor } = this
    const end = this.i + 1
    while (this.i >= floor && (isIdent(buf[this.i]) || buf[this.i] === C.dot || buf[this.i] === C.dash)) this.i--
    this.nameStart = this.i + 1
    this.nameEnd = end
    this.joinSpacedName()
    return this.nameEnd > this.nameStart
  }

  /** `"Api Key": …` and `Api Key: …` with one or two words more; before `=` only words that qualify a key. */
  private joinSpacedName(): void {
    const { buf, floor } = this
    if (this.separator === 'assign' || this.separator === 'space') {
      this.joinQualifier()
      return this.joinService()
    }
    for (let n = 0; n < 2; n++) {
      if (this.separator !== 'colon' || this.i <= floor || buf[this.i] !== 0x20 || !isAlnum(buf[this.i - 1])) return
      let k = this.i - 1
      while (k >= floor && (isIdent(buf[k]) || buf[k] === C.dash)) k--
      this.i = k
      this.nameStart = k + 1
    }
  }

  /** `name: Final[str] = v`; an element of a map (`conf["name"] = v`) has no colon and no capital before its bracket. */
  private skipGenericType(): boolean {
    const { buf, floor, i } = this
    let k = i
    while (k > floor && CLASS[buf[k]!]! & BLANK) k--
    if (buf[k] !== C.closeSquare) return false
    while (k > floor && k > i - 40 && buf[k] !== C.openSquare) k--
    while (k > floor && isIdent(buf[k - 1])) k--
    return (CLASS[buf[k]!]! & UPPER) !== 0 && this.skipAnnotation()
  }

  /** `api key = v`, `Client Secret = v`: other words before a name are types and modifiers. */
  private joinQualifier(): void {
    const { buf, floor } = this
    if (this.i <= floor || buf[this.i] !== 0x20 || !isAlnum(buf[this.i + 1])) return
    const last = buf[this.i - 1]! | 0x20
    for (let n = 0; n < QUALIFIERS.length; n++) {
      const word = QUALIFIERS[n]!
      if (word.charCodeAt(word.length - 1) !== last) continue
      const start = this.i - word.length
      if (start < floor || isIdent(buf[start - 1])) continue
      let same = true
      for (let k = 0; same && k < word.length; k++) same = (buf[start + k]! | 0x20) === word.charCodeAt(k)
      if (!same) continue
      this.i = start - 1
      this.nameStart = start
      return
    }
  }

  /** `vultr api key = v`, `nuget secret v`. */
  private joinService(): void {
    const { buf, floor } = this
    if (this.i <= floor || buf[this.i] !== 0x20 || !isAlnum(buf[this.i + 1])) return
    const limit = Math.max(floor, this.i - SERVICE_MAX)
    let start = this.i
    while (start > limit && isAlnum(buf[start - 1])) start--
    let word = ''
    for (let k = start; k < this.i; k++) word += String.fromCharCode(buf[k]!)
    if (!SERVICES.has(word.toLowerCase())) return
    this.i = start - 1
    this.nameStart = start
  }

  /** `name: Type = v` (TypeScript, Rust, Python, Kotlin, Swift): steps over the type. */
  private skipAnnotation(): boolean {
    const { buf, floor } = this
    let k = this.i
    const limit = Math.max(floor, k - 40)
    while (k >= limit && (CLASS[buf[k]!]! & (ALNUM | BLANK) || "<>[]&*?.|_'".includes(String.fromCharCode(buf[k]!))))
      k--
    if (k <= limit || buf[k] !== C.colon || buf[k - 1] === C.colon) return false
    if (!isIdent(buf[k - 1]) && !(CLASS[buf[k - 1]!]! & BLANK)) return false
    let before = k - 1
    while (before >= floor && CLASS[buf[before]!]! & BLANK) before--
    if (before < floor || !isIdent(buf[before])) return false
    // `$env:NAME = v`: a scope of PowerShell, no type.
    let first = before
    while (first > floor && isIdent(buf[first - 1])) first--
    if (buf[first] === C.dollar) return false
    this.markType()
    this.i = before
    return true
  }

  private markType(): void {
    const { buf, floor } = this
    let end = this.i
    while (end >= floor && CLASS[buf[end]!]! & BLANK) end--
    this.typeStart = this.typeEnd = end + 1
    while (this.typeStart > floor && isIdent(buf[this.typeStart - 1])) this.typeStart--
  }

  /** Go and C put the type after the name: `var name string = v`, `char name[]`. */
  private isTypeWord(): boolean {
    const length = this.nameEnd - this.nameStart
    if (length < 3 || length > 6 || !(CLASS[this.buf[this.nameStart - 1] ?? 0]! & BLANK)) return false
    let word = ''
    for (let k = this.nameStart; k < this.nameEnd; k++) word += String.fromCharCode(this.buf[k]!)
    return word === 'string' || word === 'str' || word === 'String' || word === 'text'
  }

  private wordBefore(): void {
    const { nameStart, nameEnd } = this
    this.i = nameStart - 1
    this.skipBlanks()
    if (!this.word() || this.nameEnd === 0) {
      this.nameStart = nameStart
      this.nameEnd = nameEnd
    }
  }

  protected callee(): boolean {
    this.separator = 'call'
    this.nameStart = this.calleeStart
    this.nameEnd = this.calleeEnd
    return this.nameEnd > this.nameStart
  }

  protected skipBlanks(): boolean {
    const from = this.i
    while (this.i >= this.floor && CLASS[this.buf[this.i]!]! & BLANK) this.i--
    // A blank that does not break, as pages and documents have it before what was copied from them.
    if (this.buf[this.i] === 0xa0 && this.buf[this.i - 1] === 0xc2) this.i -= 2
    return this.i < from
  }
}
