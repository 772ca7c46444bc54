// Makes a photo no larger than a sheet needs before it leaves the window; the desk takes out where it was taken.

/** Longest side in pixels; the desk refuses larger ones. */
export const LONGEST = 1600

/** Width and height no side of which is longer than {@link LONGEST}. */
export function fitted(width: number, height: number): [number, number] {
  const scale = Math.min(1, LONGEST / Math.max(width, height))
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))]
}

/** The bytes of a photo as they are sent; one that is small enough and JPEG or PNG stays as it is. Rejects what is no picture. */
export async function scaled(file: File): Promise<{ bytes: Uint8Array; mime: string }> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' })
  const [width, height] = fitted(picture.width, picture.height)
  const plain = file.type === 'image/jpeg' || file.type === 'image/png'
  try {
    if (plain && width === picture.width && height === picture.height)
      return { bytes: new Uint8Array(await file.arrayBuffer()), mime: file.type }
    const canvas = document.createElement('canvas')
    canvas.width = width
    canvas.height = height
    canvas.getContext('2d')?.drawImage(picture, 0, 0, width, height)
    const blob = await new Promise<Blob | null>((ready) => canvas.toBlob(ready, 'image/jpeg', 0.85))
    if (!blob) throw new Error('no picture')
    return { bytes: new Uint8Array(await blob.arrayBuffer()), mime: 'image/jpeg' }
  } finally {
    picture.close()
  }
}
