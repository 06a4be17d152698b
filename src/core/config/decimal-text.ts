/** Numbers as plain decimal text: what money is from the moment it is read. */

/** A number as plain decimal text, without exponent. */
export function decimalText(value: number): string {
  const text = String(value)
  const [, digits = '', exponent = ''] = /^([\d.]+)e-(\d+)$/.exec(text) ?? []
  return digits === '' ? text : `0.${'0'.repeat(Number(exponent) - 1)}${digits.replace('.', '')}`
}
