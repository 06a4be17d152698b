/**
 * Which paths an exception is for: `*` and `?` within a name, `**` as a whole name for any number of folders, everything else
 * is itself. The pattern may come from a hostile repository: no expression, no braces, no time beyond length times length.
 */

/** Whether `path` (relative, with slashes) is one that `glob` names. `folder/` is all below it. */
export function matchesPath(path: string, glob: string): boolean {
  return isMatch(path.split('/'), namesOf(glob), { star: '**', isSame: matchesName })
}

/** Whether the pattern has no letter or digit of a name: it says nothing of where, and names nearly every path there is. */
export function isEverything(glob: string): boolean {
  return !/[\p{L}\p{N}]/u.test(glob)
}

function namesOf(glob: string): string[] {
  return glob
    .replace(/^\.?\/+/, '')
    .replace(/\/$/, '/**')
    .split('/')
}

function matchesName(name: string, pattern: string): boolean {
  return isMatch([...name], [...pattern], { star: '*', isSame: (char, wanted) => wanted === '?' || char === wanted })
}

interface Wild {
  /** Stands for any number of items. */
  readonly star: string
  readonly isSame: (item: string, wanted: string) => boolean
}

/** Only the last star is ever tried again. */
function isMatch(items: readonly string[], pattern: readonly string[], { star, isSame }: Wild): boolean {
  let [at, next, afterStar, tried] = [0, 0, -1, 0]
  while (at < items.length) {
    const wanted = pattern[next]
    if (wanted === star) {
      afterStar = ++next
      tried = at
    } else if (wanted !== undefined && isSame(items[at] ?? '', wanted)) {
      at++
      next++
    } else if (afterStar >= 0) {
      next = afterStar
      at = ++tried
    } else return false
  }
  return pattern.slice(next).every((wanted) => wanted === star)
}
