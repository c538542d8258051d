import type { HttpAnswer } from "@storage/http";

export function json(status: number, body: unknown): HttpAnswer {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  return { status, headers, body: JSON.stringify(body) };
}

export function redirect(location: string): HttpAnswer {
  return { status: 303, headers: { location, "cache-control": "no-store" } };
}
