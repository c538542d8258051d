/** Node's way to warn, which can be silenced by code. */
export function warn(message: string, code: string): void {
  process.emitWarning(message, { code });
}
