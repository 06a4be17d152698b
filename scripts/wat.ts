/**
 * Assembles the WebAssembly text format into bytes: folded instructions, named locals, one imported memory; the instructions
 * of the table below and no others. Anything it does not know is an error, never skipped.
 */

/** An atom or a list of the text. */
type Node = string | readonly Node[]

/** The bytes of the module in `text`. Throws a SyntaxError with the offending word. */
export function assemble(text: string): Uint8Array {
  const [module] = read(text)
  if (!Array.isArray(module) || module[0] !== 'module') throw new SyntaxError('wat: (module …) expected')
  const fields = module.slice(1).map((field) => list(field))
  const memory = list(fields.find(([kind]) => kind === 'import') ?? [])
  const functions = fields.filter(([kind]) => kind === 'func').map((field) => signature(field))
  const names = new Map(functions.map(({ name }, index) => [name, index]))
  const types = functions.map(({ params, results }) => [0x60, ...vector(params), ...vector(results)])
  const exported = functions.flatMap(({ exports }, index) =>
    exports.map((name) => [...utf8(name), 0, ...unsigned(index)]),
  )
  const pages = list(memory[3] ?? [])[1]
  return Uint8Array.from([
    0x00,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    ...section(1, vectorOf(types)),
    ...section(
      2,
      vectorOf([[...utf8(quoted(memory[1])), ...utf8(quoted(memory[2])), 2, 0, ...unsigned(Number(pages))]]),
    ),
    ...section(3, vectorOf(functions.map((_, index) => unsigned(index)))),
    ...section(7, vectorOf(exported)),
    ...section(10, vectorOf(functions.map((one) => body(one, names)))),
  ])
}

/** Words, strings and parentheses; `;;` starts a comment. */
function read(text: string): Node[] {
  const root: Node[] = []
  const stack: Node[][] = [root]
  for (const [word] of text.matchAll(/;;[^\n]*|"[^"]*"|[()]|[^\s()";]+/g)) {
    if (word.startsWith(';;')) continue
    if (word === '(') stack.push([])
    else if (word === ')') {
      const done = stack.pop() ?? []
      const parent = stack.at(-1)
      if (parent === undefined) throw new SyntaxError('wat: one ) too many')
      parent.push(done)
    } else stack.at(-1)?.push(word)
  }
  if (stack.length !== 1) throw new SyntaxError('wat: a ( is not closed')
  return root
}

const VALUE: Readonly<Record<string, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b }

interface Func {
  readonly name: string
  readonly exports: readonly string[]
  readonly params: readonly number[]
  readonly results: readonly number[]
  readonly locals: readonly number[]
  readonly slots: ReadonlyMap<string, number>
  readonly body: readonly Node[]
}

function signature(field: readonly Node[]): Func {
  const name = word(field[1])
  const parts = field.slice(2)
  const of = (kind: string) => parts.flatMap((part) => (Array.isArray(part) && part[0] === kind ? [list(part)] : []))
  const declared = [...of('param'), ...of('local')]
  const slots = new Map(declared.map((part, index) => [word(part[1]), index]))
  if (slots.size !== declared.length) throw new SyntaxError(`wat: two locals of ${name} have one name`)
  return {
    name,
    exports: of('export').map((part) => quoted(part[1])),
    params: of('param').map((part) => typeOf(part[2])),
    results: of('result').map((part) => typeOf(part[1])),
    locals: of('local').map((part) => typeOf(part[2])),
    slots,
    body: parts.filter((part) => !['export', 'param', 'result', 'local'].includes(word(list(part)[0]))),
  }
}

function body(func: Func, names: ReadonlyMap<string, number>): number[] {
  const code: number[] = []
  const scope: Scope = { code, func, names, labels: [] }
  for (const one of func.body) emit(one, scope)
  const bytes = [...vectorOf(func.locals.map((type) => [1, type])), ...code, 0x0b]
  return [...unsigned(bytes.length), ...bytes]
}

interface Scope {
  readonly code: number[]
  readonly func: Func
  readonly names: ReadonlyMap<string, number>
  /** Labels around us, the innermost last. */
  readonly labels: readonly string[]
}

function emit(node: Node, scope: Scope): void {
  const { code } = scope
  const [head, ...rest] = list(node)
  const op = word(head)
  if (op === 'block' || op === 'loop') return block(op, rest, scope)
  if (op === 'if') return branch(rest, scope)
  if (op === 'local.get' || op === 'local.set' || op === 'local.tee') {
    for (const operand of rest.slice(1)) emit(operand, scope)
    const opcode = { 'local.get': 0x20, 'local.set': 0x21, 'local.tee': 0x22 }[op]
    code.push(opcode, ...unsigned(known(scope.func.slots, rest[0])))
  } else if (op === 'br' || op === 'br_if') {
    for (const operand of rest.slice(1)) emit(operand, scope)
    const depth = scope.labels.toReversed().indexOf(word(rest[0]))
    if (depth < 0) throw new SyntaxError(`wat: no label ${word(rest[0])}`)
    code.push(op === 'br' ? 0x0c : 0x0d, ...unsigned(depth))
  } else if (op === 'call') {
    for (const operand of rest.slice(1)) emit(operand, scope)
    code.push(0x10, ...unsigned(known(scope.names, rest[0])))
  } else plain(op, rest, scope)
}

function block(op: 'block' | 'loop', rest: readonly Node[], scope: Scope): void {
  const { code } = scope
  code.push(op === 'block' ? 0x02 : 0x03, 0x40)
  const inner = { ...scope, labels: [...scope.labels, word(rest[0])] }
  for (const one of rest.slice(1)) emit(one, inner)
  code.push(0x0b)
}

/** `(if cond (then …) (else …))`, with `(result t)` before the condition where it has a value. */
function branch(rest: readonly Node[], scope: Scope): void {
  const { code } = scope
  const result = list(rest[0])[0] === 'result' ? typeOf(list(rest[0])[1]) : undefined
  const [condition, then, otherwise] = result === undefined ? rest : rest.slice(1)
  if (condition === undefined || list(then)[0] !== 'then') throw new SyntaxError('wat: (if cond (then …)) expected')
  emit(condition, scope)
  code.push(0x04, result ?? 0x40)
  const inner = { ...scope, labels: [...scope.labels, ''] }
  for (const one of list(then).slice(1)) emit(one, inner)
  if (otherwise !== undefined) {
    code.push(0x05)
    for (const one of list(otherwise).slice(1)) emit(one, inner)
  }
  code.push(0x0b)
}

function plain(op: string, rest: readonly Node[], { code, ...scope }: Scope): void {
  const opcode = OPCODES[op]
  if (opcode === undefined) throw new SyntaxError(`wat: unknown instruction ${op}`)
  for (const operand of rest) if (typeof operand !== 'string') emit(operand, { code, ...scope })
  const words = rest.filter((operand) => typeof operand === 'string')
  code.push(...(opcode > 0xff ? [opcode >> 16, ...unsigned(opcode & 0xffff)] : [opcode]))
  const align = ALIGN[op]
  if (align !== undefined) {
    const offset = words[0]?.startsWith('offset=') ? Number(words[0].slice(7)) : 0
    code.push(align, ...unsigned(offset))
  } else if (op === 'i32.const') code.push(...signed(BigInt.asIntN(32, BigInt(words[0] ?? ''))))
  else if (op === 'i64.const') code.push(...signed(BigInt.asIntN(64, BigInt(words[0] ?? ''))))
  else if (op === 'f64.const') code.push(...new Uint8Array(Float64Array.of(Number(words[0])).buffer))
  else if (op === 'v128.const') code.push(...lanes(words))
  else if (op === 'i8x16.extract_lane_u') code.push(Number(words[0]))
  else if (words.length > 0) throw new SyntaxError(`wat: ${op} takes no ${words.join(' ')}`)
}

/** `i8x16` and sixteen numbers. */
function lanes([shape, ...values]: readonly string[]): number[] {
  if (shape !== 'i8x16' || values.length !== 16)
    throw new SyntaxError('wat: v128.const takes i8x16 and sixteen numbers')
  return values.map((value) => Number(value) & 255)
}

/** 0xfd00xx is instruction xx of the vector page. */
const OPCODES: Readonly<Record<string, number>> = {
  return: 0x0f,
  drop: 0x1a,
  select: 0x1b,
  'i32.load': 0x28,
  'i64.load': 0x29,
  'i32.load8_s': 0x2c,
  'i32.load8_u': 0x2d,
  'i32.load16_u': 0x2f,
  'i32.store': 0x36,
  'i32.const': 0x41,
  'i64.const': 0x42,
  'f64.const': 0x44,
  'i32.eqz': 0x45,
  'i32.eq': 0x46,
  'i32.ne': 0x47,
  'i32.lt_s': 0x48,
  'i32.lt_u': 0x49,
  'i32.gt_s': 0x4a,
  'i32.gt_u': 0x4b,
  'i32.le_s': 0x4c,
  'i32.le_u': 0x4d,
  'i32.ge_s': 0x4e,
  'i32.ge_u': 0x4f,
  'i64.eqz': 0x50,
  'f64.gt': 0x64,
  'i32.clz': 0x67,
  'i32.ctz': 0x68,
  'i32.popcnt': 0x69,
  'i32.add': 0x6a,
  'i32.sub': 0x6b,
  'i32.mul': 0x6c,
  'i32.and': 0x71,
  'i32.or': 0x72,
  'i32.xor': 0x73,
  'i32.shl': 0x74,
  'i32.shr_u': 0x76,
  'i64.and': 0x83,
  'i64.shr_u': 0x88,
  'i64.extend_i32_u': 0xad,
  'i32.wrap_i64': 0xa7,
  'f64.convert_i32_s': 0xb7,
  'f64.mul': 0xa2,
  'f64.div': 0xa3,
  'v128.load': 0xfd_0000,
  'v128.store': 0xfd_000b,
  'v128.const': 0xfd_000c,
  'i8x16.swizzle': 0xfd_000e,
  'i8x16.splat': 0xfd_000f,
  'i8x16.extract_lane_u': 0xfd_0016,
  'i8x16.eq': 0xfd_0023,
  'i8x16.lt_u': 0xfd_0026,
  'v128.and': 0xfd_004e,
  'v128.or': 0xfd_0050,
  'v128.any_true': 0xfd_0053,
  'i8x16.bitmask': 0xfd_0064,
  'i8x16.shr_u': 0xfd_006d,
  'i8x16.sub': 0xfd_0071,
}

/** Memory instructions and the alignment they state: none is relied on. */
const ALIGN: Readonly<Record<string, number>> = {
  'i32.load': 0,
  'i64.load': 0,
  'i32.load8_s': 0,
  'i32.load8_u': 0,
  'i32.load16_u': 0,
  'i32.store': 0,
  'v128.load': 0,
  'v128.store': 0,
}

function list(node: Node | undefined): readonly Node[] {
  if (node === undefined || typeof node === 'string') throw new SyntaxError(`wat: ( expected, not ${node ?? 'the end'}`)
  return node
}

function word(node: Node | undefined): string {
  if (typeof node !== 'string') throw new SyntaxError('wat: a word expected')
  return node
}

function quoted(node: Node | undefined): string {
  return word(node).slice(1, -1)
}

function typeOf(node: Node | undefined): number {
  return VALUE[word(node)] ?? raise(`no type ${word(node)}`)
}

function known(map: ReadonlyMap<string, number>, node: Node | undefined): number {
  return map.get(word(node)) ?? raise(`no ${word(node)} here`)
}

function raise(what: string): never {
  throw new SyntaxError(`wat: ${what}`)
}

function section(id: number, bytes: readonly number[]): number[] {
  return [id, ...unsigned(bytes.length), ...bytes]
}

function vector(items: readonly number[]): number[] {
  return [...unsigned(items.length), ...items]
}

function vectorOf(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()]
}

function utf8(text: string): number[] {
  return vector([...Buffer.from(text, 'utf8')])
}

/** LEB128. */
function unsigned(value: number): number[] {
  const out: number[] = []
  let rest = value
  for (; rest > 127; rest >>>= 7) out.push((rest & 127) | 128)
  return [...out, rest]
}

function signed(value: bigint): number[] {
  const out: number[] = []
  let rest = value
  for (;;) {
    const low = Number(rest & 127n)
    rest >>= 7n
    if ((rest === 0n && low < 64) || (rest === -1n && low >= 64)) return [...out, low]
    out.push(low | 128)
  }
}
