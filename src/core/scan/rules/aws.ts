/** Amazon Web Services: key ids, secrets, session tokens, Bedrock keys, MWS. */
import type { Rule } from '../rule.ts'
import { ALPHABETS } from '../sample.ts'

export const rules: readonly Rule[] = [
  {
    id: 'aws-access-key-id',
    title: 'AWS access key id',
    family: 'cloud',
    severity: 'high',
    doc: 'AKIA or ASIA and 16 base32 characters (AWS IAM identifiers). With its secret it acts as that user.',
    tokens: [
      { pattern: '(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}' },
      { pattern: '(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}' },
      { pattern: 'A3T[A-Z0-9]{17}' },
    ],
    cases: { clean: (s) => [`AKIA${s.chars(12, ALPHABETS.base32)}`, `xAKIA${s.chars(16, ALPHABETS.base32)}`] },
  },
  {
    id: 'aws-secret-access-key',
    title: 'AWS secret access key',
    family: 'cloud',
    severity: 'critical',
    doc: '40 base64 characters beside an AWS name.',
    named: [
      { names: ['aws', 'amazon', 's3', 'ses', 'dynamo', 'sqs'], pattern: '[A-Za-z0-9/+]{40}', role: 'secret' },
      { names: ['secret', 'secretkey'], pattern: '[A-Za-z0-9/+]{40}', with: ['access'], role: 'secret' },
      { names: ['aws'], pattern: '[A-Za-z0-9/+]{200,500}={0,2}', with: ['session', 'token'], tier: 'likely' },
    ],
  },
  {
    id: 'aws-bedrock-api-key',
    title: 'AWS Bedrock API key',
    family: 'cloud',
    severity: 'high',
    doc: 'Long-term keys begin with ABSK and the base64 of BedrockAPIKey-; short-term ones with bedrock-api-key-.',
    tokens: [
      { pattern: 'ABSKQmVkcm9ja0FQSUtleS[A-Za-z0-9+/=]{60,160}' },
      { pattern: 'bedrock-api-key-[A-Za-z0-9+/=]{32,400}' },
    ],
  },
  {
    id: 'aws-mws-auth-token',
    title: 'Amazon MWS auth token',
    family: 'cloud',
    severity: 'high',
    doc: 'amzn.mws. and a UUID.',
    tokens: [{ pattern: 'amzn\\.mws\\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}' }],
  },
]
