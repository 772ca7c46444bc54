// The short code of this device inside form numbers: how it is typed, and the number it gives.

/** Upper case, half width, nothing but letters and digits, at most four: what may be typed, as it is stored. */
export function tidyDeviceCode(typed: string): string {
  return typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .slice(0, 4)
}

/** The first number that a device with this code would give on `day`. */
export function exampleNumber(code: string, day: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  return `KF-${day.getFullYear()}${two(day.getMonth() + 1)}${two(day.getDate())}-${code || '···'}-0001`
}
