/**
 * The tables of simd-tables.ts for the built-in rules, made by the build (scripts/build.js writes a file of the same shape
 * in this one's place): making them at every start costs as much as loading the rules. Here there are none.
 */
export const READY: { readonly lower: string; readonly upper: string } | undefined = undefined
