import type { Framing } from "./http-head.ts";
import { type Peer, PeerGoneError } from "./peer.ts";

/** Some of a body as it came. */
export interface Piece {
  readonly bytes: Buffer;
  /** Bytes of the body, what frames a chunk, or what marks the end. */
  readonly part: "data" | "frame" | "last";
}

/** PeerGoneError where it ends early. */
export async function* bodyOf(peer: Peer, framing: Framing): AsyncGenerator<Piece, void> {
  if (framing.kind === "length") yield* data(peer, framing.bytes);
  else if (framing.kind === "chunked") yield* chunks(peer);
  else yield* untilClose(peer);
}

async function* data(peer: Peer, length: number): AsyncGenerator<Piece, void> {
  let left = length;
  while (left > 0) {
    const bytes = await peer.some(left);
    left -= bytes.length;
    yield { bytes, part: "data" };
  }
}

async function* untilClose(peer: Peer): AsyncGenerator<Piece, void> {
  for (let bytes = await peer.chunk(); bytes !== undefined; bytes = await peer.chunk()) {
    yield { bytes, part: "data" };
  }
  if (peer.wasReset) throw new PeerGoneError("the connection was reset inside of a body");
}

async function* chunks(peer: Peer): AsyncGenerator<Piece, void> {
  for (;;) {
    const size = await line(peer);
    const length = Number.parseInt(size.toString("latin1"), 16);
    if (Number.isNaN(length)) throw new PeerGoneError("what should be the size of a chunk is none");
    if (length === 0) {
      yield { bytes: size, part: "last" };
      break;
    }
    yield { bytes: size, part: "frame" };
    yield* data(peer, length);
    yield { bytes: await line(peer), part: "frame" };
  }
  for (;;) {
    const trailer = await line(peer);
    yield { bytes: trailer, part: "last" };
    if (trailer.length === 2) return;
  }
}

async function line(peer: Peer): Promise<Buffer> {
  const bytes = await peer.through("\r\n");
  if (bytes === undefined) throw new PeerGoneError("the connection ended between two chunks");
  return bytes;
}
