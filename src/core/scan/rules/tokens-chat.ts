/** Chat, mail and telephony: tokens with a beginning of their own, and webhook addresses. */
import { tokenPack } from '../pack.ts'
import type { Rule } from '../rule.ts'

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'

export const rules: readonly Rule[] = tokenPack({ family: 'chat' }, [
  [
    'slack-token',
    'Slack token',
    'xox[bpareso]-[0-9]{8,14}-[A-Za-z0-9-]{12,120}',
    'xoxb-[0-9A-Fa-f]{8,14}-[0-9A-Fa-f]{10,14}-[0-9A-Fa-f]{24,40}',
    'xox[ar]-(?:[0-9]-)?[A-Za-z0-9]{12,48}',
    'xox[ar]-[0-9]-[0-9]{8,14}-[0-9]{8,14}-[0-9]{8,14}-[0-9a-f]{16,64}',
    'xox[so]-[0-9]{6,14}-[0-9]{6,14}-[0-9]{6,14}-[0-9a-f]{10,64}',
    'xapp-[0-9]-[A-Z0-9]{8,16}-[0-9]{8,16}-[A-Za-z0-9]{32,80}',
    'xoxe-[0-9]-[A-Za-z0-9]{120,180}',
    { pattern: 'xoxe\\.xox[bp]-[0-9]-[A-Za-z0-9]{120,180}' },
    'xoxc-[0-9]{8,14}-[0-9]{8,14}-[0-9]{8,14}-[0-9a-f]{64}',
    'xoxd-[A-Za-z0-9+/_-]{12}[A-Za-z0-9%+/=_-]{50,230}',
    'xwfp-[0-9]{8,14}-[A-Za-z0-9-]{20,120}',
  ],
  [
    'slack-webhook',
    'Slack webhook address',
    {
      pattern: 'hooks\\.slack\\.com/(?:services|workflows|triggers)/[TE][A-Za-z0-9+/_-]{35,80}',
      anchors: ['services/T', 'services/E', 'workflows/T', 'workflows/E', 'triggers/T', 'triggers/E'],
      back: 16,
    },
    {
      pattern: 'hooks\\.slack-gov\\.com/(?:services|workflows|triggers)/[TE][A-Za-z0-9+/_-]{35,80}',
      anchors: ['services/T', 'services/E', 'workflows/T', 'workflows/E', 'triggers/T', 'triggers/E'],
      back: 20,
    },
  ],
  [
    'discord-token',
    'Discord bot token',
    '[MNO][DTjz][AEIMQUYcgk][A-Za-z0-9_-]{21,25}\\.[A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,42}',
  ],
  [
    'discord-webhook',
    'Discord webhook address',
    {
      pattern: 'discord(?:app)?\\.com/api/webhooks/[0-9]{16,22}/[A-Za-z0-9_-]{60,80}',
      anchors: ['com/api/webhooks/'],
      back: 11,
    },
  ],
  [
    'teams-webhook',
    'Microsoft Teams webhook address',
    {
      pattern: `webhook\\.office\\.com/webhookb2/${UUID}@${UUID}/IncomingWebhook/[0-9a-f]{32}/${UUID}`,
      anchors: ['webhookb2/'],
      back: 20,
    },
    {
      pattern: `outlook\\.office\\.com/webhook/${UUID}@${UUID}/IncomingWebhook/[0-9a-f]{32}/${UUID}`,
      anchors: ['webhook/'],
      back: 20,
    },
  ],
  [
    'sendgrid-key',
    'SendGrid API key',
    { pattern: 'SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}', anchors: ['SG.'] },
    { pattern: 'SG\\.[A-Za-z0-9_-]{16}[A-Za-z0-9_.-]{50}', anchors: ['SG.'] },
  ],
  [
    'brevo-key',
    'Brevo (Sendinblue) API key',
    'xkeysib-[0-9a-f]{60,64}-[A-Za-z0-9]{16}',
    'xsmtpsib-[0-9a-f]{64}-[A-Za-z0-9]{16}',
  ],
  ['mailgun-key', 'Mailgun key', { pattern: 'key-[0-9a-f]{32}' }, { pattern: 'pubkey-[0-9a-f]{32}', tier: 'review' }],
  ['mailersend-key', 'MailerSend API key', { pattern: 'mlsn\\.[0-9a-f]{64}' }],
  ['resend-key', 'Resend API key', 're_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,28}'],
  ['twilio-key', 'Twilio API key', 'SK[0-9a-f]{32}'],
  ['twilio-account', 'Twilio account id', { pattern: 'AC[0-9a-f]{32}', tier: 'review' }],
  [
    'matrix-token',
    'Matrix access token',
    'syt_[A-Za-z0-9+/=]{4,60}_[A-Za-z0-9]{20}_[A-Za-z0-9]{6}',
    'mct_[A-Za-z0-9]{30}_[A-Za-z0-9]{6}',
  ],
  [
    'zapier-webhook',
    'Zapier webhook address',
    {
      pattern: 'hooks\\.zapier\\.com/hooks/catch/[0-9]{4,10}/[A-Za-z0-9]{5,24}',
      anchors: ['com/hooks/catch/'],
      back: 13,
    },
  ],
  ['courier-key', 'Courier key', 'pk_(?:prod|test)_[A-Z0-9]{28}'],
  ['facebook-token', 'Facebook access token', 'EAA[A-Za-z0-9]{80,300}'],
])
