/** Whether bare words after an operator are values (configuration, shell, prose) or expressions (program code). */

const CODE: ReadonlySet<string> = new Set(
  'js ts jsx tsx mjs cjs mts cts py pyi rb go java kt kts cs php c cc cpp cxx h hpp hxx rs swift scala pl pm lua dart m mm vb fs fsx clj ex exs erl hs ml r jl groovy sol vue svelte map'.split(
    ' ',
  ),
)

export function isConfigPath(path: string): boolean {
  const dot = path.lastIndexOf('.')
  return dot < 0 || !CODE.has(path.slice(dot + 1).toLowerCase())
}

export class ConfigPaths {
  private path = ''
  private answer = true

  /** The last answer is kept: the engine asks many times about one file. */
  isConfig(path: string): boolean {
    if (path !== this.path) {
      this.path = path
      this.answer = isConfigPath(path)
    }
    return this.answer
  }
}
