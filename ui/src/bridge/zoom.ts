// Size of the whole interface: by the webview itself, which also keeps popovers and media queries right.
import { getCurrentWebview } from '@tauri-apps/api/webview'

/** Shows everything at `percent` of its size; where the webview refuses, by the style sheet's own zoom. */
export async function zoom(percent: number): Promise<void> {
  try {
    await getCurrentWebview().setZoom(percent / 100)
    document.documentElement.style.removeProperty('zoom')
  } catch {
    document.documentElement.style.setProperty('zoom', String(percent / 100))
  }
}
