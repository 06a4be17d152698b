/** SARIF 2.1.0 for any checker: rules, results with stable fingerprints, and what could not be checked as notifications. */

export interface SarifRule {
  readonly id: string
  readonly title: string
  readonly help: string
  /** Level of its results where they do not differ. */
  readonly level?: 'error' | 'warning' | 'note'
  /** 0.0 to 10.0, the scale code scanning services sort by. */
  readonly securitySeverity?: number
  readonly tags?: readonly string[]
}

export interface SarifResult {
  readonly rule: string
  readonly level: 'error' | 'warning' | 'note'
  readonly message: string
  /** Relative to the root, with forward slashes. */
  readonly path: string
  readonly line: number
  readonly column?: number
  readonly fingerprint?: string
  /** Why it does not count; shown as a suppression. */
  readonly suppressed?: string
  readonly properties?: Readonly<Record<string, string>>
}

export interface SarifLog {
  readonly tool: string
  readonly version: string
  readonly rules: readonly SarifRule[]
  readonly results: readonly SarifResult[]
  /** Things that could not be examined. */
  readonly failures?: readonly string[]
  readonly isComplete: boolean
}

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json'

/** The log as a JSON value; only rules with results are listed. */
export function sarifLog({ tool, version, rules, results, failures = [], isComplete }: SarifLog): object {
  const used = new Set(results.map(({ rule }) => rule))
  const listed = rules.filter(({ id }) => used.has(id))
  const index = new Map(listed.map(({ id }, position) => [id, position]))
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: tool, version, rules: listed.map(sarifRule) } },
        invocations: [
          {
            executionSuccessful: isComplete,
            toolExecutionNotifications: failures.map((text) => ({ level: 'error', message: { text } })),
          },
        ],
        columnKind: 'unicodeCodePoints',
        results: results.map((result) => sarifResult(result, index.get(result.rule))),
      },
    ],
  }
}

function sarifRule({ id, title, help, level = 'error', securitySeverity, tags }: SarifRule): object {
  return {
    id,
    name: id,
    shortDescription: { text: title },
    fullDescription: { text: help },
    help: { text: help },
    defaultConfiguration: { level },
    properties: {
      'problem.severity': level,
      ...(tags !== undefined && { tags }),
      ...(securitySeverity !== undefined && { 'security-severity': securitySeverity.toFixed(1) }),
    },
  }
}

function sarifResult(result: SarifResult, ruleIndex: number | undefined): object {
  const { rule, level, message, path, line, column, fingerprint, suppressed, properties } = result
  const region = { startLine: Math.max(1, line), ...(column !== undefined && { startColumn: Math.max(1, column) }) }
  return {
    ruleId: rule,
    ...(ruleIndex !== undefined && { ruleIndex }),
    level,
    message: { text: message },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(path) }, region } }],
    ...(fingerprint !== undefined && fingerprint !== '' && { partialFingerprints: { 'mmSecret/v1': fingerprint } }),
    ...(suppressed !== undefined && { suppressions: [{ kind: 'external', justification: suppressed }] }),
    ...(properties !== undefined && { properties }),
  }
}

/** A relative path as a URI reference; every odd byte is percent-encoded. */
function uriOf(path: string): string {
  return path
    .split('/')
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join('/')
}
