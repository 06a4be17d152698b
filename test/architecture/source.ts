/** Reads one TypeScript source: what it imports, what it names, and which banned constructs stand where. */
import { dirname, join, normalize } from 'node:path/posix'
import ts from 'typescript'
import type { Layer } from './table.ts'

export interface Source {
  readonly path: string
  readonly text: string
  readonly tree: ts.SourceFile
  readonly isHot: boolean
}

export interface Import {
  readonly from: string
  readonly isTypeOnly: boolean
  readonly isDynamic: boolean
}

export function parse(path: string, text: string): Source {
  const kind = path.endsWith('.tsx') ? ts.ScriptKind.TSX : ts.ScriptKind.TS
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, kind)
  return { path, text, tree, isHot: /^\/\*\*[^/]*@hot/.test(text) }
}

/** Every import, static, dynamic, re-exported or by `new URL('./x.ts', import.meta.url)`; local ones as repository paths. */
export function importsOf(source: Source): Import[] {
  const found: Import[] = []
  const add = (from: string, isTypeOnly: boolean, isDynamic: boolean): void => {
    found.push({ from: from.startsWith('.') ? local(source.path, from) : from, isTypeOnly, isDynamic })
  }
  walk(source.tree, (node) => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      add(node.moduleSpecifier.text, node.importClause?.isTypeOnly === true, false)
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
      add(node.moduleSpecifier.text, node.isTypeOnly, false)
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [first] = node.arguments
      if (first && ts.isStringLiteral(first)) add(first.text, false, true)
    } else if (ts.isCallExpression(node) && node.expression.getText().endsWith('getBuiltinModule')) {
      const [first] = node.arguments
      if (first && ts.isStringLiteral(first)) add(first.text, false, true)
    } else if (ts.isNewExpression(node) && node.expression.getText() === 'URL') {
      const [first] = node.arguments ?? []
      if (first && ts.isStringLiteral(first) && first.text.startsWith('.')) add(first.text, false, true)
    }
  })
  return found
}

function local(from: string, specifier: string): string {
  return normalize(join(dirname(from), specifier)).replace(/\.js(x?)$/, '.ts$1')
}

/** What a file may not import by its layer. */
export function importFaults(source: Source, layer: Layer): string[] {
  return importsOf(source).flatMap(({ from }) => {
    const reason = importFault(from, layer)
    return reason === null ? [] : [`${source.path}: ${layer.name} may not import ${from} (${reason})`]
  })
}

function importFault(from: string, layer: Layer): string | null {
  if (from.startsWith('node:')) return layer.node ? null : 'node:* is banned here'
  if (from.startsWith('src/core/')) {
    const inside = from.slice('src/core/'.length)
    return layer.core.some((prefix) => inside.startsWith(prefix)) ? null : 'not in its row'
  }
  if (from.startsWith('src/dashboard/')) {
    return ['dashboard', 'commands'].includes(layer.name) ? null : 'the dashboard is a process of its own'
  }
  if (from.startsWith('src/commands/')) return 'commands are never imported'
  if (from.startsWith('src/')) return ['commands', 'entry'].includes(layer.name) ? null : 'entry files are the top'
  if (from.startsWith('.') || from.endsWith('package.json')) return null
  const name = from.startsWith('@') ? from.split('/').slice(0, 2).join('/') : (from.split('/')[0] ?? from)
  return layer.npm.includes(name) ? null : 'npm package not in its row'
}

const BANNED_CALLS = new Map([
  ['Date.now', 'reads a clock'],
  ['performance.now', 'reads a clock'],
  ['process.hrtime', 'reads a clock'],
  ['Math.random', 'draws unseeded randomness'],
  ['setTimeout', 'timers come in as events'],
  ['setInterval', 'timers come in as events'],
  ['setImmediate', 'timers come in as events'],
  ['queueMicrotask', 'timers come in as events'],
  ['fetch', 'does I/O'],
  ['parseFloat', 'reads decimals as floats'],
  ['Number.parseFloat', 'reads decimals as floats'],
])
const BANNED_NAMES = new Set(['process', 'console', 'crypto', 'globalThis', 'performance'])

/** Clocks, chance, waiting, logging and float parsing in a layer that must be deterministic. */
export function determinismFaults(source: Source): string[] {
  const faults: string[] = []
  const add = (node: ts.Node, why: string): void => {
    faults.push(`${at(source, node)}: ${node.getText().slice(0, 40)}: ${why}`)
  }
  walk(source.tree, (node) => {
    if (ts.isCallExpression(node)) {
      const why = BANNED_CALLS.get(node.expression.getText())
      if (why !== undefined) add(node, why)
      if (node.expression.getText() === 'Number' && !isIntegerContext(node))
        add(node, 'Number(text) reads decimals as floats')
    }
    if (ts.isNewExpression(node) && node.expression.getText() === 'Date') add(node, 'reads a clock')
    if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier)) add(node, 'waits')
    if (isAsync(node)) add(node, 'async function')
    if (ts.isIdentifier(node) && BANNED_NAMES.has(node.text) && isReference(node)) add(node, 'banned global')
  })
  return faults
}

// `Number(x)` of a bigint is exact where the surrounding code says so with a bigint expression or BigInt.asIntN.
function isIntegerContext(node: ts.CallExpression): boolean {
  const [argument] = node.arguments
  return argument !== undefined && /n\b|[Bb]ig|E8|steps|units|[Mm]oney|scaled/i.test(argument.getText())
}

function isAsync(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) && (ts.getModifiers(node)?.some((m) => m.kind === ts.SyntaxKind.AsyncKeyword) ?? false)
  )
}

function isReference(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  return !(
    ts.isPropertyAssignment(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isParameter(parent) ||
    ts.isVariableDeclaration(parent)
  )
}

const HOT_CALLS = new Set(['map', 'filter', 'reduce', 'forEach', 'flatMap', 'concat', 'slice', 'split', 'replace'])

/** Style that a compiler does not see: names, casts, exports, and allocation in files marked @hot. */
export function styleFaults(source: Source): string[] {
  const faults: string[] = []
  const add = (node: ts.Node, why: string): void => {
    faults.push(`${at(source, node)}: ${why}`)
  }
  walk(source.tree, (node) => {
    if (ts.isAsExpression(node) && ts.isAsExpression(node.expression)) add(node, 'double cast')
    if (ts.isNonNullExpression(node) && !source.isHot) add(node, '`!` outside an @hot file')
    if (ts.isExportAssignment(node) || isDefaultExport(node)) {
      if (!source.path.startsWith('src/commands/')) add(node, 'default export')
    }
    if (
      (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) &&
      node.name
    ) {
      if (/^I[A-Z][a-z]/.test(node.name.text) || /(?:Manager|Helper|Util|Utils|Service)$/.test(node.name.text)) {
        add(node, `name ${node.name.text}`)
      }
    }
    if (source.isHot && isInsideFunction(node)) hotFault(node, add)
  })
  return faults
}

// What a module makes once while it loads costs nothing per event.
function isInsideFunction(node: ts.Node): boolean {
  return ts.findAncestor(node, (each) => ts.isFunctionLike(each)) !== undefined
}

function hotFault(node: ts.Node, add: (node: ts.Node, why: string) => void): void {
  if (ts.isSpreadElement(node) || ts.isSpreadAssignment(node)) add(node, 'spread in an @hot file')
  if (node.kind === ts.SyntaxKind.RegularExpressionLiteral) add(node, 'regex in an @hot file')
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const name = node.expression.name.text
    if (HOT_CALLS.has(name)) add(node, `.${name}() in an @hot file`)
  }
}

function isDefaultExport(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) && (ts.getModifiers(node)?.some((m) => m.kind === ts.SyntaxKind.DefaultKeyword) ?? false)
  )
}

function at(source: Source, node: ts.Node): string {
  const { line } = source.tree.getLineAndCharacterOfPosition(node.getStart())
  return `${source.path}:${line + 1}`
}

export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node)
  node.forEachChild((child) => walk(child, visit))
}
