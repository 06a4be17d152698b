/** Exceptions in the text itself: `mm-allow-secret: RULE until=DATE REASON` on the line or the one before. */
import { endFault } from './policy.ts'
import type { SourceHit } from './windows.ts'

const TAG = /mm-allow-secret:?[ \t]*(\S*)[ \t]*(?:until=(\S*))?[ \t]*([^\r\n]*)/
const FOREIGN =
  /gitleaks:allow|betterleaks:allow|trufflehog:ignore|pragma: ?(?:allow|white)list[ -](?:nextline[ -])?secret|secretlint-disable|ggignore|kingfisher:ignore|no-?secret-?scan/i
const REASON_MIN = 10

/** Whether there is a tag of ours on the line. */
export function hasTag(lineText: string): boolean {
  return lineText.includes('mm-allow-secret')
}

export interface TagVerdict {
  readonly allowed?: string
  readonly note?: string
}

/**
 * What the tags around a hit say. A bare or foreign tag is named, not honoured. What follows a tag on its line may be the
 * secret itself, so its rule is repeated only when it is one (`isRule`), and of its reason only plain words.
 */
export function readTag(source: SourceHit, nowMs: number, isRule: (id: string) => boolean): TagVerdict {
  const { hit, lineText, previousLine } = source
  const tag = TAG.exec(lineText) ?? TAG.exec(previousLine)
  if (tag !== null) {
    const [, rule = '', until = '', text = ''] = tag
    const reason = plainWords(text, hit.value)
    const fault = faultOf({ rule, until, reason }, hit.rule, { nowMs, isRule })
    return fault === undefined ? { allowed: `inline: ${reason}` } : { note: `inline tag not honoured: ${fault}` }
  }
  const foreign = FOREIGN.exec(lineText) ?? FOREIGN.exec(previousLine)
  return foreign === null ? {} : { note: `tag of another tool not honoured: ${foreign[0]}` }
}

function faultOf(
  tag: { rule: string; until: string; reason: string },
  rule: string,
  { nowMs, isRule }: { readonly nowMs: number; readonly isRule: (id: string) => boolean },
): string | undefined {
  if (tag.rule === '') return 'it names no rule'
  if (tag.rule !== rule) return `it names ${isRule(tag.rule) ? tag.rule : 'no rule'}, this is ${rule}`
  return (
    endFault(tag.until, nowMs) ??
    (tag.reason.length < REASON_MIN ? `its reason has fewer than ${REASON_MIN} characters` : undefined)
  )
}

/** The words of a reason up to the end of its comment; whatever could be a value is left out. */
function plainWords(text: string, value: string): string {
  const [comment = ''] = text.split(/\*\/|-->|\*\)|#\}|\]\]/)
  return comment
    .trim()
    .split(/\s+/)
    .map((word) => (WORD.test(word) && !(word.length >= 4 && value.includes(word.slice(0, 4))) ? word : '…'))
    .join(' ')
    .replace(/(?:… ?)+/g, '… ')
    .trim()
    .slice(0, 200)
}

/** A word, a small number, a ticket. */
const WORD = /^[("']*(?:[A-Za-z][a-z'-]{0,15}|[A-Z]{1,6}(?:-\d{1,6})?|#?\d{1,4})[)"'.,;:!?]*$/
