/** The file a helping thread is started with, where there is no bundle. */
import { startHelper } from './worker.ts'

await startHelper()
