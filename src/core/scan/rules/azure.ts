/** Microsoft Azure and Entra: client secrets, storage, service bus, DevOps, functions, SAS. */
import type { Rule } from '../rule.ts'
import { ALPHABETS, type Sampler } from '../sample.ts'

/** Dots and tildes end a run of token bytes; secrets with one among the first sixteen need a telling name to be found. */
function clientSecret(s: Sampler): string {
  return `${s.chars(3, ALPHABETS.alnum)}8Q~${s.chars(20, ALPHABETS.alnum)}.${s.chars(13, ALPHABETS.alnum)}`
}

export const rules: readonly Rule[] = [
  {
    id: 'azure-client-secret',
    title: 'Entra (Azure AD) client secret',
    family: 'cloud',
    severity: 'critical',
    doc: 'Three characters, a digit, Q~ and 31 to 34 characters.',
    tokens: [
      { pattern: '[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}', anchors: ['Q~'], back: 4, sample: clientSecret },
    ],
  },
  {
    id: 'azure-account-key',
    title: 'Azure storage, Cosmos DB or batch account key',
    family: 'cloud',
    severity: 'critical',
    doc: '64 bytes in base64 after AccountKey= or beside an Azure name; newer keys carry AzS or ACDb in the middle.',
    named: [
      {
        names: ['account', 'accountkey', 'azure', 'storage', 'cosmos', 'cosmosdb', 'batch', 'blob'],
        pattern: '[A-Za-z0-9+/]{86}==',
      },
      {
        names: ['shared', 'sharedaccesskey', 'servicebus', 'eventhub', 'iothub', 'signalr', 'azure'],
        pattern: '[A-Za-z0-9+/]{43}=',
      },
    ],
    cases: {
      found: (s) => [
        {
          text: `DefaultEndpointsProtocol=https;AccountName=app;AccountKey=${s.chars(86, ALPHABETS.base64)}==;EndpointSuffix=core.windows.net`,
          tier: 'likely',
        },
        {
          text: `Endpoint=sb://app.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=${s.chars(43, ALPHABETS.base64)}=`,
          tier: 'likely',
        },
      ],
    },
  },
  {
    id: 'azure-devops-token',
    title: 'Azure DevOps personal access token',
    family: 'code',
    severity: 'high',
    doc: '52 base32 characters beside a name, or 84 characters with AZDO in the middle.',
    named: [
      { names: ['azure', 'azuredevops', 'ado', 'azdo', 'vsts', 'tfs', 'devops'], pattern: '[a-z2-7]{52}' },
      {
        names: ['azure', 'azuredevops', 'ado', 'azdo', 'vsts', 'devops', 'pat'],
        pattern: '[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}',
      },
    ],
  },
  {
    id: 'azure-function-key',
    title: 'Azure function or search key',
    family: 'cloud',
    severity: 'high',
    doc: 'Function keys end in AzFu and eight characters; search keys carry AzSe.',
    named: [
      {
        names: ['azure', 'function', 'functions', 'code', 'search', 'key'],
        pattern: '[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{5}[AQgw]==',
      },
      { names: ['azure', 'search', 'key'], pattern: '[A-Za-z0-9]{42}AzSe[A-Za-z0-9]{6}' },
      {
        names: ['azure', 'openai', 'cognitive', 'ocp', 'apim', 'luis', 'bing'],
        pattern: '[0-9a-f]{32}',
        with: ['key', 'secret', 'token'],
      },
      { names: ['azure', 'openai', 'cognitive', 'speech'], pattern: '[A-Za-z0-9]{84}', with: ['key'] },
    ],
  },
]
