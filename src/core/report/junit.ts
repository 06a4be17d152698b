/** JUnit XML for any checker: one test case per result, failures for what counts, errors for what could not be checked. */

export interface JunitCase {
  readonly name: string
  readonly group: string
  readonly failure?: { readonly type: string; readonly message: string }
  readonly error?: string
  readonly skipped?: string
}

/** The document; `seconds` is the duration of the whole suite. */
export function junitXml(suite: string, cases: readonly JunitCase[], seconds: number): string {
  const count = (pick: (one: JunitCase) => unknown) => cases.filter((one) => pick(one) !== undefined).length
  const totals = [
    `tests="${cases.length}"`,
    `failures="${count((one) => one.failure)}"`,
    `errors="${count((one) => one.error)}"`,
    `skipped="${count((one) => one.skipped)}"`,
    `time="${seconds.toFixed(3)}"`,
  ].join(' ')
  const body = cases.map(junitCase).join('\n')
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${totals}>\n<testsuite name="${xmlText(suite)}" ${totals}>\n${body}\n</testsuite>\n</testsuites>\n`
}

function junitCase({ name, group, failure, error, skipped }: JunitCase): string {
  const open = `<testcase name="${xmlText(name)}" classname="${xmlText(group)}" time="0"`
  if (failure !== undefined) {
    const { type, message } = failure
    return `${open}><failure type="${xmlText(type)}" message="${xmlText(message)}">${xmlText(message)}</failure></testcase>`
  }
  if (error !== undefined) return `${open}><error message="${xmlText(error)}"/></testcase>`
  if (skipped !== undefined) return `${open}><skipped message="${xmlText(skipped)}"/></testcase>`
  return `${open}/>`
}

/** Escapes markup and drops what XML 1.0 cannot carry at all. */
export function xmlText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/[\n\r\t]/g, (char) => `&#${char.charCodeAt(0)};`)
}
