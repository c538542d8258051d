import type { FailureFacts } from "./failure.ts";

/** Milliseconds, less than the 15 minutes that AWS forgives. */
const mostSkew = 5 * 60_000;

/** By how much the service's clock is ahead, where that is, or may be, why it refused a request. */
export function aheadIn({ code, status, headers }: FailureFacts, now: Date): number | undefined {
  const date = Date.parse(headers.date ?? "");
  // The answer to a HEAD has no code.
  const isSkewed =
    code === "RequestTimeTooSkewed" ||
    (code === "" && status === 403 && Math.abs(date - now.getTime()) > mostSkew);
  return isSkewed && !Number.isNaN(date) ? date - Date.now() : undefined;
}

/** A HEAD is told by a 400 without a code. */
export function mayBeExpired({ code, status }: FailureFacts): boolean {
  return code === "ExpiredToken" || (code === "" && status === 400);
}
