/** What was opened, to be closed in reverse. Every step runs, whatever the others do; the first error is thrown at the end. */
export class Teardown {
  private readonly steps: (() => void | Promise<void>)[] = []

  add(step: () => void | Promise<void>): void {
    this.steps.push(step)
  }

  async run(): Promise<void> {
    const errors: unknown[] = []
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      try {
        await step()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }
}
