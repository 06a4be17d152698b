/** The last things a person would want to have seen. Texts from outside are neutralised here, where they are drawn. */
import { Box, Text } from 'ink'
import { plainLine } from '../core/plain-text.ts'
import type { RunNews } from '../core/runtime/live-view.ts'
import { clockText } from './text.ts'

const COLOUR = { info: 'white', warn: 'yellow', error: 'red' } as const

export function News({ events, lines }: { readonly events: readonly RunNews[]; readonly lines: number }) {
  return (
    <Box flexDirection="column">
      {(lines === 0 ? [] : events.slice(-lines)).map((event, index) => (
        <Text key={`${event.atUs}-${index}`} wrap="truncate">
          <Text dimColor>{clockText(event.atUs)}</Text> <Text color={COLOUR[event.level]}>{plainLine(event.text)}</Text>
        </Text>
      ))}
    </Box>
  )
}
