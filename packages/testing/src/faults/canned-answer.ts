import { STATUS_CODES } from "node:http";
import type { AnswerFault, RedirectFault } from "./fault.ts";

/** An answer of our own, in bytes. */
export function cannedAnswer(fault: AnswerFault | RedirectFault, method: string, isLast: boolean): Buffer {
  const body = Buffer.from(fault.kind === "answer" ? (fault.body ?? "") : "");
  const hasBody = fault.status !== 204 && fault.status !== 304;
  const headers = {
    ...(hasBody && { "content-length": String(body.length) }),
    ...(isLast && { connection: "close" }),
    ...ownHeaders(fault),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${fault.status} ${STATUS_CODES[fault.status] ?? ""}\r\n${lines.join("")}\r\n`;
  const bytes = Buffer.from(head, "latin1");
  return hasBody && method !== "HEAD" ? Buffer.concat([bytes, body]) : bytes;
}

function ownHeaders(fault: AnswerFault | RedirectFault): Readonly<Record<string, string>> {
  if (fault.kind === "redirect") return fault.location === undefined ? {} : { location: fault.location };
  const { retryAfter, headers } = fault;
  return { ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }), ...headers };
}
