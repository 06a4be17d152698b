/** Ids as Bybit writes them: a UUID for contracts and executions, a 19-digit number for spot orders. From the seed alone. */
import type { Prng } from '../../domain/prng.ts'

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Unlike any other of this generator: 32 bits are `serial`, the rest chance. */
export function uuidOf(serial: number, prng: Prng): string {
  const a = word(prng.nextU32())
  const b = word(prng.nextU32())
  const c = word(prng.nextU32())
  const d = word(serial >>> 0)
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`
}

/** A name of the trade with this number, the same whenever it is asked for: formatted only when somebody reads it. */
export function tradeIdOf(serial: number, salt: number): string {
  const a = word(Math.imul(serial ^ salt, 0x9e3779b1))
  const b = word(Math.imul(serial + salt, 0x85ebca6b))
  return `${a}-${b.slice(0, 4)}-5${b.slice(5)}-8${a.slice(2, 5)}-${word(salt).slice(0, 4)}${word(serial >>> 0)}`
}

/** 19 digits, rising: spot ids are numbers that no double can hold. */
export function spotIdOf(serial: number): string {
  return `19${String(serial).padStart(17, '0')}`
}

function word(value: number): string {
  return `${HEX[(value >>> 24) & 255]}${HEX[(value >>> 16) & 255]}${HEX[(value >>> 8) & 255]}${HEX[value & 255]}`
}
