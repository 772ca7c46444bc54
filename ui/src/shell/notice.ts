// Short words at the edge of the window: something was done, or was refused.
import { ElMessage } from 'element-plus'
import 'element-plus/es/components/message/style/css'
import { asFailure } from '@/bridge/call'
import { sentence } from './failure'

/** Says that something is done. */
export function done(message: string): void {
  ElMessage({ message, type: 'success', duration: 3000, grouping: true })
}

/** Says why something was refused; stays until read. The locked page speaks for itself. */
export function refused(thrown: unknown): void {
  if (asFailure(thrown).code === 'locked') return
  ElMessage({ message: sentence(thrown), type: 'error', duration: 8000, showClose: true, grouping: true })
}
