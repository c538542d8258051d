/** To watch never changes what becomes of what is watched: what the callback throws is ignored. */
export function notify<T>(callback: ((value: T) => void) | undefined, value: T): void {
  try {
    callback?.(value);
  } catch {}
}
