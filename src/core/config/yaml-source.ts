/**
 * A YAML or JSON text as a source: plain values, each with its place. YAML 1.2 core and nothing clever: anchors, aliases,
 * tags, tabs, second documents and repeated keys are refused, so that a file means what it shows.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLError } from 'yaml'
import { decimalText } from './decimal-text.ts'
import { define, type Leaf, type Origin, type Place, type Source, type Tree } from './origin.ts'
import { type Problem, problem } from './problem.ts'

export interface FileSource extends Source {
  readonly file: string
  readonly lines: readonly string[]
  readonly problems: readonly Problem[]
  /** From this line on the text could not be understood, so nothing there can be judged. */
  readonly brokenFromLine: number
}

const LINE_CHARS_MAX = 16 * 1024
/** Brackets, quotes and the like: what a parser can be kept busy with. */
const MARKS_MAX = 5_000

/** Reads the whole text; whatever is wrong is in `problems`, all of it. */
export function yamlSource(file: string, text: string): FileSource {
  const lines = text.split(/\r?\n/)
  const bomb = sizeFault(lines, text)
  if (bomb !== null) return nothing(file, lines, bomb)
  const tabs = new Map<number, number>()
  const reading = new Reading(file, lines, tabs)
  const spaced = lines.map((line, index) => reading.withoutTabs(line, index + 1)).join('\n')
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('%')) reading.directive(index + 1, line)
    else if (!/^\s*(#|$)/.test(line)) break
  }
  const document = parseDocument(spaced, {
    lineCounter: reading.counter,
    version: '1.2',
    schema: 'core',
    // It compares every key with every other; ours is linear.
    uniqueKeys: false,
    merge: false,
    prettyErrors: false,
  })
  reading.faults(document.errors)
  reading.root(document.contents)
  return reading.source()
}

function sizeFault(lines: readonly string[], text: string): { line: number; reason: string } | null {
  const long = lines.findIndex((line) => line.length > LINE_CHARS_MAX)
  if (long >= 0) return { line: long + 1, reason: `the line is longer than ${LINE_CHARS_MAX} characters` }
  const marks = text.replace(/[^[{"'!?]/g, '').length
  return marks > MARKS_MAX ? { line: 1, reason: `more than ${MARKS_MAX} brackets and quotes: no configuration` } : null
}

function nothing(file: string, lines: readonly string[], { line, reason }: { line: number; reason: string }) {
  const origin: Place = { kind: 'file', file, line, column: 1, length: 1 }
  const problems = [problem('CONFIG_SYNTAX', { message: reason, origin })]
  return { file, lines, tree: {}, leaves: [], problems, brokenFromLine: line, place: () => origin }
}

/** Faults after which the rest of the text still means what it says. */
const MILD: ReadonlySet<string> = new Set(['BAD_DQ_ESCAPE', 'BAD_SCALAR_START', 'MULTIPLE_DOCS', 'TAG_RESOLVE_FAILED'])

class Reading {
  readonly counter = new LineCounter()
  private readonly file: string
  private readonly lines: readonly string[]
  private readonly tabs: Map<number, number>
  private readonly problems: Problem[] = []
  private readonly leaves: Leaf[] = []
  private readonly tree: Tree = {}
  private readonly places = new Map<string, { readonly key: Place; readonly value: Place }>()
  private brokenFromLine = Number.POSITIVE_INFINITY

  constructor(file: string, lines: readonly string[], tabs: Map<number, number>) {
    this.file = file
    this.lines = lines
    this.tabs = tabs
  }

  directive(line: number, text: string): void {
    const origin = { kind: 'file', file: this.file, line, column: 1, length: characters(text) } as const
    const message = 'a directive would change how the file is read; it is always YAML 1.2'
    this.problems.push(problem('CONFIG_SYNTAX', { message, fix: 'Remove the line.', origin }))
  }

  source(): FileSource {
    const { file, lines, tree, leaves, brokenFromLine } = this
    const problems = this.problems.filter(({ origin }) => origin.kind === 'file' && origin.line <= brokenFromLine)
    return { file, lines, tree, leaves, problems, brokenFromLine, place: (path, part) => this.placeOf(path, part) }
  }

  // A tab that indents is refused; the line is then read as if it were spaces, so that the rest can be judged as well.
  withoutTabs(line: string, number: number): string {
    const indent = /^[ \t]*/.exec(line)?.[0] ?? ''
    const count = indent.split('\t').length - 1
    if (count === 0 || indent.length === line.length) return line
    this.tabs.set(number, count)
    const origin = { kind: 'file', file: this.file, line: number, column: indent.indexOf('\t') + 1, length: 1 } as const
    const fix = 'Indent with spaces.'
    this.problems.push(
      problem('CONFIG_SYNTAX', { message: 'a tab indents the line; YAML takes only spaces', fix, origin }),
    )
    return indent.replaceAll('\t', '  ') + line.slice(indent.length)
  }

  faults(errors: readonly YAMLError[]): void {
    const seen = new Set<number>()
    for (const error of errors) {
      const origin = this.at(error.pos[0], 1)
      if (!MILD.has(error.code)) this.brokenFromLine = Math.min(this.brokenFromLine, origin.line)
      // One slip makes the parser stumble several times on its line.
      if (seen.has(origin.line)) continue
      seen.add(origin.line)
      this.problems.push(problem('CONFIG_SYNTAX', { message: messageOf(error), origin }))
    }
  }

  root(node: unknown): void {
    if (node === null || (isScalar(node) && node.value === null && node.source === '')) return
    if (isMap(node)) this.map(node, [], this.tree)
    else this.refuse('the file is no list of keys', node)
  }

  private map(map: { items: readonly unknown[] }, path: readonly string[], into: Tree): void {
    for (const item of map.items) {
      const pair = item as { key: unknown; value: unknown }
      if (!isScalar(pair.key)) {
        this.refuse('a key must be one plain word', pair.key ?? pair.value)
        continue
      }
      this.decorations(pair.key)
      const name = String(pair.key.source ?? pair.key.value)
      if (Object.hasOwn(into, name)) this.refuse(`the key ${name} stands here twice`, pair.key)
      else this.entry(pair.key, pair.value, { path: [...path, name], into })
    }
  }

  private entry(key: Node, node: unknown, { path, into }: { path: readonly string[]; into: Tree }): void {
    const dotted = path.join('.')
    const keyPlace = this.placeOfNode(key)
    const valuePlace = hasText(node) ? this.placeOfNode(node) : keyPlace
    this.places.set(dotted, { key: keyPlace, value: valuePlace })
    const value = this.value(node, path)
    define(into, path.at(-1) ?? '', value)
    if (!isMap(node)) this.leaves.push({ path: dotted, value, origin: valuePlace })
  }

  private value(node: unknown, path: readonly string[]): unknown {
    if (isAlias(node)) {
      this.refuse('an alias stands for something elsewhere; write the value itself', node)
      return undefined
    }
    this.decorations(node)
    if (isMap(node)) {
      const tree: Tree = {}
      this.map(node, path, tree)
      return tree
    }
    if (isSeq(node)) return node.items.map((item, index) => this.value(item, [...path, String(index)]))
    if (!isScalar(node)) return null
    this.insistPlainNumber(node)
    return scalar(node)
  }

  // YAML 1.1 and 1.2 read these as different numbers, and so do people.
  private insistPlainNumber(node: { value: unknown; source?: string | undefined }): void {
    const { value, source = '' } = node
    if (typeof value === 'number' && /^[-+]?0[\dox]/i.test(source))
      this.refuse(`${source} is not the same number to every reader; write ${value} if that is what it means`, node)
  }

  private decorations(node: unknown): void {
    const { anchor, tag } = (node ?? {}) as { anchor?: string; tag?: string }
    if (anchor !== undefined)
      this.refuse('an anchor names a value for use elsewhere; write the value where it counts', node)
    if (tag !== undefined) this.refuse(`the tag ${tag} changes the type of a value; types follow from the keys`, node)
  }

  private refuse(message: string, node: unknown): void {
    const origin = hasRange(node) ? this.placeOfNode(node) : this.at(0, 1)
    this.problems.push(problem('CONFIG_SYNTAX', { message, origin }))
  }

  private placeOfNode(node: unknown): Place {
    const [from, to] = hasRange(node) ? node.range : [0, 1]
    return this.at(from, to - from)
  }

  private at(offset: number, length: number): Place {
    const { line, col } = this.counter.linePos(offset)
    const units = Math.max(1, col - (this.tabs.get(line) ?? 0))
    const text = this.lines[line - 1] ?? ''
    const column = characters(text.slice(0, units - 1)) + 1
    const rest = characters(text) - column + 1
    return { kind: 'file', file: this.file, line, column, length: Math.max(1, Math.min(length, rest)) }
  }

  private placeOf(path: string, part: 'key' | 'value'): Origin {
    for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
      const places = this.places.get(at)
      if (places !== undefined) return places[part]
    }
    return this.at(0, 1)
  }
}

// A number that a float would change stays text: money is read from what was written.
function scalar(node: { value: unknown; source?: string | undefined }): unknown {
  const { value, source = '' } = node
  if (typeof value !== 'number' || !/^(0|[1-9]\d*)(\.\d+)?$/.test(source)) return value
  const written = source.includes('.') ? source.replace(/\.?0+$/, '') : source
  return decimalText(value) === written ? value : source
}

function hasRange(node: unknown): node is { range: [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
}

function hasText(node: unknown): boolean {
  return hasRange(node) && node.range[1] > node.range[0]
}

/** Characters as people count them, not UTF-16 units. */
function characters(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

function messageOf(error: YAMLError): string {
  if (error.code === 'RESOURCE_EXHAUSTION') return 'values are nested deeper than any configuration'
  if (error.code === 'MULTIPLE_DOCS') return 'a second document starts here; a configuration is one'
  const [first = ''] = error.message.split('\n')
  return first.charAt(0).toLowerCase() + first.slice(1)
}
