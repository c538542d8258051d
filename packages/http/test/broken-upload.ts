import { once } from "node:events";
import { connect } from "node:net";
import type { Way } from "./serve-uploads.ts";
import { pattern } from "./site.ts";
import { filePart, formOf, formType } from "./upload-form.ts";

/** From 0 up to 1, the same each time (Park and Miller). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** How an upload goes, and ends. */
export interface Plan {
  readonly way: Way;
  readonly length: "declared" | "chunked";
  /** The share of the request that is sent, its head included: 1 is all but a byte. */
  readonly share: number;
  readonly end: "close" | "reset" | "half-close";
}

const pick = <T>(next: () => number, ...choices: readonly [T, ...T[]]): T =>
  choices[Math.floor(next() * choices.length)] ?? choices[0];

/** Some in the head, some with nothing of the body or with all but a byte of it, most of them anywhere. */
export function planOf(way: Way, next: () => number): Plan {
  const length = pick(next, "declared" as const, "chunked" as const);
  const share = pick(next, next() * 0.0001, next(), next(), next(), 1);
  const end = pick(next, "close" as const, "reset" as const, "half-close" as const);
  return { way, length, share, end };
}

/** Of the file that would be stored. */
export const bodyBytes: number = 2 * 1024 * 1024;
const file = Buffer.from(pattern(bodyBytes));
const form = ["POST", formType, formOf(filePart("a file.bin", file))] as const;
const contents: Readonly<Record<Way, readonly [method: string, type: string, body: Buffer]>> = {
  "a signed link": ["PUT", "application/octet-stream", file],
  "a part's link": ["PUT", "application/octet-stream", file],
  "a form": form,
  "another parser's form": form,
};

function requestOf(link: string, { way, length }: Plan): Buffer {
  const { host, pathname, search } = new URL(link);
  const [method, type, body] = contents[way];
  const start = `${method} ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: ${type}\r\n`;
  if (length === "declared")
    return Buffer.concat([Buffer.from(`${start}Content-Length: ${body.length}\r\n\r\n`), body]);
  const pieces: Buffer[] = [Buffer.from(`${start}Transfer-Encoding: chunked\r\n\r\n`)];
  const size = 100_000;
  for (let offset = 0; offset < body.length; offset += size) {
    const chunk = body.subarray(offset, offset + size);
    pieces.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n"));
  }
  return Buffer.concat([...pieces, Buffer.from("0\r\n\r\n")]);
}

/** Bytes that are never sent. Other parsers hand over a file once it is whole, though the form goes on. */
const kept = ({ way }: Plan): number => (way === "another parser's form" ? 100 : 1);

export async function breakOff(link: string, plan: Plan): Promise<void> {
  const request = requestOf(link, plan);
  const sent = Math.min(Math.floor(request.length * plan.share), request.length - kept(plan));
  const socket = connect(Number(new URL(link).port), "127.0.0.1");
  const closed = new Promise<void>((resolve) => socket.on("error", () => {}).on("close", () => resolve()));
  await once(socket, "connect");
  if (sent > 0)
    await new Promise<void>((resolve) => void socket.write(request.subarray(0, sent), () => resolve()));
  if (plan.end === "close") socket.destroy();
  if (plan.end === "reset") socket.resetAndDestroy();
  // What the server says to that is read: it ends the connection.
  if (plan.end === "half-close") socket.end().resume();
  await closed;
}
