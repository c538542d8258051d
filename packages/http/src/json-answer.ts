import type { HttpAnswer } from "./http-answer.ts";

/** For a program, and of this moment. */
export function jsonAnswer(
  status: number,
  body: string,
  more: Readonly<Record<string, string>> = {},
): HttpAnswer {
  const headers = {
    "content-type": "application/json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...more,
  };
  return { status, headers, body };
}
