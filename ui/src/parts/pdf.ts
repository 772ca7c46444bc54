// Draws PDF pages with pdf.js. The legacy build, for older system webviews; no eval, since the security policy
// forbids it; the worker is a file of our own beside the others.
import type { PDFDocumentProxy } from 'pdfjs-dist'
import workerUrl from 'pdfjs-dist/legacy/build/pdf.worker.min.mjs?url'

/** Opens a PDF. `bytes` are copied, because the worker takes what it is given. */
export async function openPdf(bytes: ArrayBuffer): Promise<PDFDocumentProxy> {
  const { getDocument, GlobalWorkerOptions } = await import('pdfjs-dist/legacy/build/pdf.mjs')
  GlobalWorkerOptions.workerSrc = workerUrl
  return getDocument({ data: new Uint8Array(bytes.slice(0)), isEvalSupported: false }).promise
}

/** Draws page `number` into `canvas`, `width` CSS pixels wide and as sharp as the screen. */
export async function drawPage(
  document: PDFDocumentProxy,
  number: number,
  canvas: HTMLCanvasElement,
  width: number,
): Promise<void> {
  const page = await document.getPage(number)
  const scale = width / page.getViewport({ scale: 1 }).width
  const viewport = page.getViewport({ scale: scale * (globalThis.devicePixelRatio || 1) })
  canvas.width = Math.floor(viewport.width)
  canvas.height = Math.floor(viewport.height)
  const context = canvas.getContext('2d')
  // As for a printer: in one go. For the screen pdf.js draws a sliver per animation frame, which takes seconds.
  if (context) await page.render({ canvasContext: context, viewport, intent: 'print' }).promise
}
