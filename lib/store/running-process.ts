import { systemCodeOf } from './store-error.ts'

/** Whether a process of this machine has this number. When in doubt, it has: another user's cannot be asked. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return systemCodeOf(error) !== 'ESRCH'
  }
}
