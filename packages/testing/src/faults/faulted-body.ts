import { setTimeout as delay } from "node:timers/promises";
import type { BodyPoint, DripFault, Fault, FlipFault } from "./fault.ts";
import type { Piece } from "./http-body.ts";
import type { Framing } from "./http-head.ts";

type Pieces = AsyncIterable<Piece>;

/** The body as the client gets it under a fault. */
export function faultedBody(pieces: Pieces, framing: Framing, fault: Fault | undefined): Pieces {
  switch (fault?.kind) {
    case "drip":
      return dripped(pieces, fault);
    case "flip":
      return flipped(pieces, fault);
    case "truncate":
      if (framing.kind === "chunked") return withoutLast(pieces);
      return framing.kind === "length" ? cut(pieces, framing.bytes - (fault.bytes ?? 1)) : pieces;
    case "reset":
    case "end":
    case "stall":
      return typeof fault.at === "object" && !("upload" in fault.at)
        ? cut(pieces, bytesAt(fault.at, framing))
        : pieces;
    default:
      return pieces;
  }
}

function bytesAt(point: BodyPoint, framing: Framing): number {
  if ("bytes" in point) return point.bytes;
  return framing.kind === "length" ? Math.floor(framing.bytes * point.share) : 0;
}

/** So many bytes of the body. */
export async function* cut(pieces: Pieces, length: number): AsyncGenerator<Piece, void> {
  let left = length;
  if (left <= 0) return;
  for await (const { bytes, part } of pieces) {
    if (part !== "data") yield { bytes, part };
    else {
      yield { bytes: bytes.subarray(0, left), part };
      left -= bytes.length;
      if (left <= 0) return;
    }
  }
}

async function* withoutLast(pieces: Pieces): AsyncGenerator<Piece, void> {
  for await (const piece of pieces) if (piece.part !== "last") yield piece;
}

async function* flipped(pieces: Pieces, { byte, bit = 0 }: FlipFault): AsyncGenerator<Piece, void> {
  let start = 0;
  for await (const { bytes, part } of pieces) {
    if (part === "data") {
      const old = bytes[byte - start];
      if (old !== undefined) bytes[byte - start] = old ^ (1 << bit);
      start += bytes.length;
    }
    yield { bytes, part };
  }
}

async function* dripped(pieces: Pieces, drip: DripFault): AsyncGenerator<Piece, void> {
  for await (const { bytes, part } of pieces) {
    for (let start = 0; start < bytes.length; start += drip.bytes) {
      yield { bytes: bytes.subarray(start, start + drip.bytes), part };
      if (part === "data") await delay(drip.every, undefined, { ref: false });
    }
  }
}
