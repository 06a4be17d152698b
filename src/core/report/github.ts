/** GitHub workflow commands: annotations on the lines of a change. Everything is escaped, so that text cannot start a command. */

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  readonly title: string
  readonly message: string
  readonly path?: string
  readonly line?: number
  readonly column?: number
}

export function githubAnnotation({ level, title, message, path, line, column }: Annotation): string {
  const fields = [
    ...(path === undefined ? [] : [`file=${property(path)}`]),
    ...(line === undefined ? [] : [`line=${line}`]),
    ...(column === undefined ? [] : [`col=${column}`]),
    `title=${property(title)}`,
  ]
  return `::${level} ${fields.join(',')}::${value(message)}`
}

function value(text: string): string {
  return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A')
}

function property(text: string): string {
  return value(text).replace(/:/g, '%3A').replace(/,/g, '%2C')
}
