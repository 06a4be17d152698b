/**
 * @hot What is this value bound to? Reads the bytes left of a value the way a person reads an assignment: quotes, wrappers,
 * operator, type annotation, name. One tokenizer for env, YAML, JSON, TOML, INI, XML, headers, flags and code.
 * It never looks further back than `REACH` bytes, so the work per value is bounded.
 */
import { BLANK, CLASS, EOL, isIdent, QUOTE } from './alphabet.ts'
import {
  BLOCK_MARKS,
  C,
  cellBefore,
  endsInAuthorization,
  entityBefore,
  LINE_OPERATORS,
  lineAbove,
  SCHEME_ENDS,
  SCHEMES,
} from './binding-words.ts'
import { BoundName } from './bound-name.ts'

/** Bytes looked at before a value. */
export const REACH = 160

/** Longest name of a scheme. */
const OWN_SCHEME_MAX = 24

/** The assignment a value stands in; one instance is reused for every value. */
export class Binding extends BoundName {
  /** Binds the value that starts at `at`. Returns false when there is no operator and no name. */
  read(buf: Uint8Array, at: number, floor: number): boolean {
    this.buf = buf
    this.floor = Math.max(floor, at - REACH)
    this.i = at - 1
    this.separator = 'none'
    this.quote = this.nameStart = this.nameEnd = this.calleeStart = this.calleeEnd = this.typeStart = this.typeEnd = 0
    this.skipQuotes()
    let hadBlank = this.skipBlanks()
    if (this.skipLines()) hadBlank = false
    this.skipWrappers()
    if (this.skipScheme(hadBlank)) return this.name('scheme')
    return this.operator(hadBlank)
  }

  private skipQuotes(): void {
    const { buf, floor } = this
    let n = 0
    while (this.i >= floor && n < 8 && (CLASS[buf[this.i]!]! & QUOTE || buf[this.i] === C.backslash)) {
      if (CLASS[buf[this.i]!]! & QUOTE) this.quote = buf[this.i]!
      this.i--
      n++
    }
    const entity = n === 0 ? entityBefore(buf, this.i, floor) : 0
    if (entity > 0) {
      this.quote = C.quote
      this.i -= entity
    } else if (this.quote === 0) this.i += n
    else this.skipStringPrefix()
  }

  /** `b"`, `rb'`, `u"`, `f"`, `@"`, `$"`, `L"`. */
  private skipStringPrefix(): void {
    const { buf } = this
    const byte = buf[this.i]
    if (byte === 0x40 || byte === 0x24) this.i--
    else if (byte !== undefined && 'bruflBRUFL'.includes(String.fromCharCode(byte)) && !isIdent(buf[this.i - 1]))
      this.i--
  }

  /**
   * A value on the line after its operator: `name =⏎"v"`, `<name>⏎v`, `name: |⏎  v`. Bare values only
   * after an element or a block mark, because a bare word below a name is mostly a name of its own.
   */
  private skipLines(): boolean {
    const { buf, floor, i: start } = this
    if (this.i < floor || !(CLASS[buf[this.i]!]! & EOL)) return false
    while (this.i >= floor && CLASS[buf[this.i]!]! & (EOL | BLANK)) this.i--
    if (this.i < floor) return this.stayAt(start)
    const byte = buf[this.i]!
    if (this.quote !== 0 && LINE_OPERATORS[byte] === 1) return true
    if (byte === C.greater && buf[this.i - 1] !== C.colon && !(CLASS[buf[this.i - 1]!]! & BLANK)) return true
    let k = this.i
    while (k > floor && k > this.i - 3 && BLOCK_MARKS[buf[k]!] === 1) k--
    if (k === this.i) return this.stayAt(start)
    while (k > floor && CLASS[buf[k]!]! & BLANK) k--
    if (buf[k] !== C.colon) return this.stayAt(start)
    this.i = k
    return true
  }

  private stayAt(i: number): boolean {
    this.i = i
    return false
  }

  /** `String("…`, `new SecretStr("…`, `Some(["…`: remembers the innermost callee and goes on to the operator. */
  private skipWrappers(): void {
    const { buf, floor } = this
    for (let depth = 0; depth < 3; depth++) {
      const byte = buf[this.i]
      if (this.i < floor || (byte !== C.open && byte !== C.openSquare && byte !== C.openCurly)) return
      this.i--
      this.skipBlanks()
      if (byte !== C.open) continue
      const end = this.i + 1
      while (this.i >= floor && (isIdent(buf[this.i]) || buf[this.i] === C.dot || buf[this.i] === C.colon)) this.i--
      if (this.calleeEnd === 0) {
        this.calleeStart = this.i + 1
        this.calleeEnd = end
      }
      this.skipBlanks()
      this.skipWord('new')
      this.skipWord('await')
    }
  }

  private skipWord(word: string): void {
    const start = this.i - word.length + 1
    if (start < this.floor || isIdent(this.buf[start - 1])) return
    for (let k = 0; k < word.length; k++) if (this.buf[start + k] !== word.charCodeAt(k)) return
    this.i = start - 1
    this.skipBlanks()
  }

  /** `Bearer `, `Basic `, `Token `, `ApiKey ` between the operator and the value. */
  private skipScheme(hadBlank: boolean): boolean {
    if (!hadBlank) return false
    const last = (this.buf[this.i] ?? 0) | 0x20
    if (SCHEME_ENDS[last] === 0) return this.skipOwnScheme()
    for (let n = 0; n < SCHEMES.length; n++) {
      const scheme = SCHEMES[n]!
      if (scheme.charCodeAt(scheme.length - 1) !== last) continue
      const start = this.i - scheme.length + 1
      if (start < this.floor || isIdent(this.buf[start - 1]) || this.buf[start - 1] === C.dash) continue
      let same = true
      for (let k = 0; same && k < scheme.length; k++) same = (this.buf[start + k]! | 0x20) === scheme.charCodeAt(k)
      if (!same) continue
      this.nameStart = start
      this.nameEnd = this.i + 1
      this.i = start - 1
      return true
    }
    return this.skipOwnScheme()
  }

  /** Schemes that services made up, `SSWS `, `GenieKey `, `FlyV1 `: believed in an Authorization header only. */
  private skipOwnScheme(): boolean {
    const { buf, floor } = this
    const end = this.i + 1
    const limit = Math.max(floor, end - OWN_SCHEME_MAX)
    let start = end
    while (start > limit && (isIdent(buf[start - 1]) || buf[start - 1] === C.dash)) start--
    if (end - start < 3 || !endsInAuthorization(buf, start - 1, floor)) return false
    this.nameStart = start
    this.nameEnd = end
    this.i = start - 1
    return true
  }

  private operator(hadBlank: boolean): boolean {
    const { buf, floor } = this
    // `**Secret Key:** v`
    if (this.quote === 0 && hadBlank && buf[this.i] === C.star && buf[this.i - 1] === C.star) this.i -= 2
    const byte = this.i >= floor ? buf[this.i] : undefined
    if (byte === C.equals) {
      while (this.i >= floor && '=!:+?.|<~*>'.includes(String.fromCharCode(buf[this.i]!))) this.i--
      return this.name('assign')
    }
    if (byte === C.colon) {
      this.i--
      if (buf[this.i] === C.colon) this.i--
      return this.name('colon')
    }
    if (byte === C.greater) return this.arrowOrElement()
    if (this.skipAlternative(byte)) return this.name('assign')
    if (byte === C.comma) return this.argument()
    if (byte === C.pipe) return this.cell()
    if (byte !== undefined && this.isLineEnd(byte)) return this.below(byte)
    if (this.calleeEnd > 0) return this.callee()
    // `std::string name{"v"}`
    if (this.quote !== 0 && buf[this.i + 1] === C.openCurly && isIdent(byte)) return this.name('assign')
    if (hadBlank && byte !== undefined && (isIdent(byte) || CLASS[byte]! & QUOTE)) return this.name('space')
    return false
  }

  /** `NAME || v`, `NAME ?? v`, `NAME <- v`, `get("NAME") or v`. */
  private skipAlternative(byte: number | undefined): boolean {
    const { buf, i } = this
    const before = buf[i - 1]
    if (byte === before && (byte === C.pipe || byte === C.question)) this.i -= 2
    else if (byte === C.dash && before === C.less) this.i -= 2
    else if (byte === 0x72 && before === 0x6f && CLASS[buf[i - 2] ?? 0]! & BLANK && buf[i - 3] === C.close) this.i -= 3
    else return false
    return true
  }

  /** The name in the cell before. */
  private cell(): boolean {
    const end = cellBefore(this.buf, this.i, this.floor)
    if (end < 0) return false
    this.i = end
    this.separator = 'colon'
    return this.word()
  }

  /** A line end, also one written out in a text inside a string. */
  private isLineEnd(byte: number): boolean {
    return (CLASS[byte]! & EOL) !== 0 || (byte === 0x6e && this.buf[this.i - 1] === C.backslash)
  }

  /** The name on the line above, with or without a colon. */
  private below(byte: number): boolean {
    if (this.quote !== 0) return false
    this.i = lineAbove(this.buf, byte === 0x6e ? this.i - 2 : this.i, this.floor)
    this.separator = 'colon'
    if (this.i < this.floor || !this.word()) return false
    this.separator = 'below'
    return true
  }

  /** `=> v`, `-> v`, or the text of an XML element `<name …>v`. */
  private arrowOrElement(): boolean {
    const { buf, floor } = this
    if (buf[this.i - 1] === C.equals || buf[this.i - 1] === C.dash) {
      this.i -= 2
      return this.name('assign')
    }
    const end = this.i
    while (this.i >= floor && buf[this.i] !== C.less && !(CLASS[buf[this.i]!]! & EOL)) this.i--
    if (this.i < floor || buf[this.i] !== C.less || buf[this.i - 1] === C.question) return false
    this.nameStart = this.i + 1
    this.nameEnd = this.nameStart
    while (
      this.nameEnd < end &&
      (isIdent(buf[this.nameEnd]) || '.:-'.includes(String.fromCharCode(buf[this.nameEnd]!)))
    )
      this.nameEnd++
    this.separator = 'element'
    return this.nameEnd > this.nameStart
  }

  /** `put("name", v`, `define('name', v`: the argument before, when it is a literal; else the callee. */
  private argument(): boolean {
    const { buf, floor } = this
    this.i--
    this.skipBlanks()
    while (this.i >= floor && buf[this.i] === C.backslash) this.i--
    if (this.i < floor || !(CLASS[buf[this.i]!]! & QUOTE)) return false
    return this.name('comma')
  }
}
