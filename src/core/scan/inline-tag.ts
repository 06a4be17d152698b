/** Exceptions in the text itself: `mm-allow-secret: RULE until=DATE REASON` on the line or the one before. */
import { endFault } from './policy.ts'
import type { SourceHit } from './windows.ts'

const TAG = /mm-allow-secret:?[ \t]*(\S*)[ \t]*(?:until=(\S*))?[ \t]*([^\r\n]*)/
const FOREIGN =
  /gitleaks:allow|betterleaks:allow|trufflehog:ignore|pragma: ?(?:allow|white)list[ -](?:nextline[ -])?secret|secretlint-disable|ggignore|kingfisher:ignore|no-?secret-?scan/i
const REASON_MIN = 10

export interface TagVerdict {
  readonly allowed?: string
  readonly note?: string
}

/** What the tags around a hit say. A bare or foreign tag is named, not honoured. */
export function readTag({ hit, lineText, previousLine }: SourceHit, nowMs: number): TagVerdict {
  const tag = TAG.exec(lineText) ?? TAG.exec(previousLine)
  if (tag !== null) {
    const [, rule = '', until = '', reason = ''] = tag
    const fault = faultOf({ rule, until, reason: clean(reason) }, hit.rule, nowMs)
    return fault === undefined ? { allowed: `inline: ${clean(reason)}` } : { note: `inline tag not honoured: ${fault}` }
  }
  const foreign = FOREIGN.exec(lineText) ?? FOREIGN.exec(previousLine)
  return foreign === null ? {} : { note: `tag of another tool not honoured: ${foreign[0]}` }
}

function faultOf(
  tag: { rule: string; until: string; reason: string },
  rule: string,
  nowMs: number,
): string | undefined {
  if (tag.rule === '') return 'it names no rule'
  if (tag.rule !== rule) return `it names ${tag.rule.slice(0, 60)}, this is ${rule}`
  return (
    endFault(tag.until, nowMs) ??
    (tag.reason.length < REASON_MIN ? `its reason has fewer than ${REASON_MIN} characters` : undefined)
  )
}

function clean(reason: string): string {
  return reason
    .replace(/\*\/|-->|[\r\n]/g, '')
    .trim()
    .slice(0, 200)
}
