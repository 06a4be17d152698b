/** Telegram bots: digits, a colon, `AA` and 33 characters. */
import type { Rule } from '../rule.ts'
import { ALPHABETS } from '../sample.ts'

const ANCHORS = [...ALPHABETS.digit].map((digit) => `${digit}:`)

export const rules: readonly Rule[] = [
  {
    id: 'telegram-bot-token',
    title: 'Telegram bot token',
    family: 'chat',
    severity: 'high',
    doc: 'The bot id, a colon, and 35 characters that begin with AA. Alerts go through it; so can whoever holds it.',
    tokens: [
      { pattern: '[0-9]{8,10}:AA[A-Za-z0-9_-]{32,33}', anchors: ANCHORS, back: 9 },
      {
        pattern: '[0-9]{5,16}:A[A-Za-z0-9_-]{34}',
        anchors: ANCHORS,
        back: 15,
        near: ['telegr', 'bot', 'tg_'],
        sample: (s) => `telegram = ${s.chars(9, '123456789')}:A${s.chars(34, ALPHABETS.base64url)}`,
      },
    ],
    cases: { clean: (s) => [`12:AA${s.chars(33, ALPHABETS.alnum)}`] },
  },
]
