/** Payments, commerce, logistics and banking: tokens with a beginning of their own. */
import { tokenPack } from '../pack.ts'
import type { Rule } from '../rule.ts'

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'

export const rules: readonly Rule[] = tokenPack({ family: 'payment', severity: 'critical' }, [
  [
    'stripe-key',
    'Stripe secret or restricted key',
    '(?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9]{10,247}',
    'whsec_[A-Za-z0-9+/=]{24,80}',
  ],
  [
    'square-token',
    'Square token or secret',
    'sq0(?:atp|idp)-[A-Za-z0-9_-]{22}',
    'sq0csp-[A-Za-z0-9_-]{43}',
    'EAAA[A-Za-z0-9_-]{58,62}',
  ],
  [
    'paypal-braintree-token',
    'Braintree access token',
    'access_token\\$(?:production|sandbox)\\$[0-9a-z]{16}\\$[0-9a-f]{32}',
  ],
  ['shopify-token', 'Shopify token', 'shp(?:at|ca|pa|ss|tka|ua)_[0-9a-fA-F]{32}'],
  [
    'flutterwave-key',
    'Flutterwave key',
    'FLWSECK(?:_TEST)?-[0-9a-zA-Z]{32}-X',
    'FLWSECK_TEST[0-9a-zA-Z]{12}',
    'FLWSECK_TEST-[0-9a-zA-Z]{12}',
    'FLWPUBK(?:_TEST)?-[0-9a-zA-Z]{32}-X',
  ],
  ['razorpay-key', 'Razorpay key', 'rzp_(?:live|test)_[A-Za-z0-9]{14,24}'],
  ['plaid-token', 'Plaid access token', `access-(?:sandbox|development|production)-${UUID}`],
  ['easypost-key', 'EasyPost API key', 'EZ[AT]K[A-Za-z0-9]{54}'],
  ['shippo-token', 'Shippo token', 'shippo_(?:live|test)_[0-9a-f]{40}'],
  ['duffel-token', 'Duffel token', 'duffel_(?:live|test)_[A-Za-z0-9_=-]{43}'],
  [
    'gocardless-token',
    'GoCardless token',
    { pattern: 'live_[A-Za-z0-9_=-]{40}', near: ['gocardless'] },
    { pattern: 'sandbox_[A-Za-z0-9_=-]{40}', near: ['gocardless'] },
  ],
  ['lob-key', 'Lob API key', '(?:live|test)_[0-9a-f]{35}', '(?:live|test)_pub_[0-9a-f]{31}'],
  [
    'adyen-key',
    'Adyen API key',
    'AQE[a-z][A-Za-z0-9+/]{60,200}={0,2}-[A-Za-z0-9+/]{40,90}={0,2}-[A-Za-z0-9+/=(){}<>@#%*.,:;?!_-]{6,20}',
  ],
  ['mollie-key', 'Mollie API key', '(?:live|test)_[A-Za-z0-9]{30}'],
  ['midtrans-key', 'Midtrans server key', 'Mid-server-[A-Za-z0-9_-]{20,28}', 'SB-Mid-server-[A-Za-z0-9_-]{20,28}'],
  ['checkout-key', 'Checkout.com secret key', `sk_(?:sbox_)?[a-z0-9]{27}[A-Za-z0-9*#$=]`, `sk_(?:test_)?${UUID}`],
  ['polar-token', 'Polar token', 'polar_(?:pat|oat|at_u|at_o|rt|cs)_[A-Za-z0-9]{30,50}'],
  ['woocommerce-key', 'WooCommerce key or secret', 'c[ks]_[0-9a-f]{40}'],
  ['wepay-access-token', 'WePay access token', '(?:STAGE|PRODUCTION)_[0-9a-f]{64}'],
  ['xendit-key', 'Xendit secret key', 'xnd_(?:production|development)_[A-Za-z0-9]{40,80}'],
  ['mercadopago-token', 'Mercado Pago access token', 'APP_USR-[0-9]{12,18}-[0-9]{6}-[0-9a-f]{32}-[0-9]{6,12}'],
  ['asaas-key', 'Asaas API key', { pattern: 'aact_(?:prod|hmlg)_[A-Za-z0-9]{30,200}' }],
  ['paddle-key', 'Paddle API key', 'pdl_(?:live|sdbx)_apikey_[a-z0-9]{26}_[A-Za-z0-9]{22}_[A-Za-z0-9]{3}'],
  ['alchemy-token', 'Alchemy token', { pattern: 'alcht_[A-Za-z0-9]{30}' }],
  ['blockfrost-key', 'Blockfrost project key', '(?:mainnet|preprod|preview|testnet)[A-Za-z0-9]{32}'],
  [
    'quicknode-key',
    'QuickNode key or endpoint',
    { pattern: 'QN_[0-9a-f]{32}' },
    { pattern: 'quiknode\\.pro/[0-9a-f]{40}', anchors: ['pro/'], back: 9 },
  ],
  [
    'node-endpoint',
    'Blockchain node address with its key',
    { pattern: 'infura\\.io/v3/[0-9a-f]{32}', anchors: ['io/v3/'], back: 7 },
    { pattern: 'alchemyapi\\.io/v2/[A-Za-z0-9_-]{32}', anchors: ['io/v2/'], back: 11 },
    { pattern: 'alchemy\\.com/v2/[A-Za-z0-9_-]{20,40}', anchors: ['com/v2/'], back: 8 },
  ],
])
