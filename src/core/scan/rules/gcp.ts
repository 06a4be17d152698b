/** Google: API keys, OAuth secrets and tokens, service account files. */
import type { Rule } from '../rule.ts'

export const rules: readonly Rule[] = [
  {
    id: 'google-api-key',
    title: 'Google API key',
    family: 'cloud',
    severity: 'high',
    doc: 'AIza and 35 characters, used by Maps, Firebase, Gemini and others; bound to a service account, AQ.Ab8R and more.',
    tokens: [{ pattern: 'AIza[A-Za-z0-9_-]{35}' }, { pattern: 'AQ\\.Ab8R[A-Za-z0-9_-]{40,60}', anchors: ['AQ.Ab8R'] }],
  },
  {
    id: 'google-oauth-client-secret',
    title: 'Google OAuth client secret',
    family: 'cloud',
    severity: 'high',
    doc: 'GOCSPX- and 28 characters; older ones have 24 beside a client id of Google.',
    tokens: [{ pattern: 'GOCSPX-[A-Za-z0-9_-]{28}' }],
    named: [{ names: ['google', 'gcp', 'gmail', 'youtube'], pattern: '[A-Za-z0-9_-]{24}', with: ['secret'] }],
  },
  {
    id: 'google-oauth-token',
    title: 'Google OAuth access or refresh token',
    family: 'cloud',
    severity: 'high',
    doc: 'ya29. access tokens and 1// refresh tokens.',
    tokens: [{ pattern: 'ya29\\.[A-Za-z0-9_-]{20,400}', anchors: ['ya29.'] }, { pattern: '1//0[A-Za-z0-9_-]{40,120}' }],
  },
]
