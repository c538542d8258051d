import type { ServerResponse } from "node:http";

interface Reply {
  readonly raw: ServerResponse;
  getHeaders(): Record<string, number | string | string[] | undefined>;
  hijack(): unknown;
}

/** Node's response carries the answer from here on, with the headers that other plugins have set meanwhile. */
export function takeOver(reply: Reply): void {
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  reply.hijack();
}
