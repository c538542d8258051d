import type { Body } from "./storage-driver.ts";

/** Frees what a body holds; what goes wrong meanwhile changes nothing any more. */
export function discardBody(body: Body): void {
  if (body.bytes !== undefined) return;
  body.stream[Symbol.asyncIterator]()
    .return?.()
    .catch(() => {});
}
