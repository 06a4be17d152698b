/** Private keys of Hyperliquid, dYdX and every EVM chain: 32 bytes in hex, believed only beside a name that says so. */
import type { Rule } from '../rule.ts'
import { ALPHABETS } from '../sample.ts'

const NAMES = [
  'private',
  'priv',
  'secret',
  'pk',
  'privkey',
  'privatekey',
  'wallet',
  'agent',
  'deployer',
  'mnemonic',
  'seed',
  'hyperliquid',
  'dydx',
  'signer',
  'eth',
  'ethereum',
  'evm',
]
const WITH = ['priv', 'secret', 'pk', 'key', 'seed', 'wallet']

export const rules: readonly Rule[] = [
  {
    id: 'evm-private-key',
    title: 'EVM private key (Hyperliquid, dYdX, Ethereum)',
    family: 'wallet',
    severity: 'critical',
    doc: '64 hex digits, with or without 0x. Bare ones are hashes far more often than keys, so the name decides.',
    named: [
      { names: NAMES, pattern: '0x[0-9a-f]{64}', with: WITH },
      { names: NAMES, pattern: '[0-9a-f]{64}', with: ['priv', 'pk', 'wallet', 'deployer'] },
      // Keys in a configuration of Hardhat; on Sui, Aptos and Starknet addresses look the same.
      { names: ['accounts'], pattern: '0x[0-9a-f]{64}', tier: 'review' },
    ],
    cases: {
      found: (s) => [
        { text: `PRIVATE_KEY=0x${s.chars(64, ALPHABETS.hex)}`, tier: 'likely' },
        { text: `accounts: ['0x${s.chars(64, ALPHABETS.hex)}']`, tier: 'review' },
        { text: `"agentPrivateKey": "${s.chars(64, ALPHABETS.hex)}"`, tier: 'likely' },
      ],
      clean: (s) => [
        `tx_hash = "0x${s.chars(64, ALPHABETS.hex)}"`,
        `"blockHash": "0x${s.chars(64, ALPHABETS.hex)}"`,
        `PUBLIC_KEY=0x${s.chars(64, ALPHABETS.hex)}`,
        `wallet_address: "0x${s.chars(40, ALPHABETS.hex)}"`,
      ],
    },
  },
]
