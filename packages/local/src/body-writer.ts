import type { Body, Bytes } from "@storage/core";
import type { Files } from "./files.ts";

/** Small chunks are gathered into writes of this size: each write of a chunk costs a round trip to a thread. */
const gathered = 512 * 1024;
/** More than 2 GiB at once is more than Node writes, and long to wait for after an abort. */
const longest = 64 * 1024 * 1024;

/** Writes a body to a new file, and tells its size. Ends with the signal's reason, and then no write is under way. */
export async function writeBody(
  files: Files,
  descriptor: number,
  body: Body,
  signal: AbortSignal,
): Promise<number> {
  if (body.bytes === undefined)
    return await new BodyWriter(files, descriptor, signal).writeAll(body.stream, body.size);
  const { bytes } = body;
  for (let place = 0; place < bytes.length; place += longest) {
    signal.throwIfAborted();
    await files.write(descriptor, bytes.subarray(place, place + longest), place);
  }
  return bytes.length;
}

/** One buffer is filled while the other one is written. */
class BodyWriter {
  readonly #files: Files;
  readonly #descriptor: number;
  readonly #signal: AbortSignal;
  #position = 0;
  #filling: Bytes = new Uint8Array();
  #filled = 0;
  #spare: Bytes | undefined;
  #underWay: Promise<void> = Promise.resolve();

  constructor(files: Files, descriptor: number, signal: AbortSignal) {
    this.#files = files;
    this.#descriptor = descriptor;
    this.#signal = signal;
  }

  async writeAll(stream: AsyncIterable<Bytes>, size: number = gathered): Promise<number> {
    try {
      for await (const chunk of stream) {
        this.#signal.throwIfAborted();
        if (chunk.length >= gathered / 2) await this.#writeThrough(chunk);
        else await this.#gather(chunk, Math.min(size, gathered));
      }
      await this.#flush();
      return this.#position;
    } finally {
      await this.#underWay.catch(() => {});
    }
  }

  /** A chunk is borrowed until the next one is asked for, so that it is written before. */
  async #writeThrough(chunk: Bytes): Promise<void> {
    await this.#flush();
    this.#write(chunk);
    await this.#underWay;
  }

  async #gather(chunk: Bytes, capacity: number): Promise<void> {
    for (let taken = 0; taken < chunk.length; ) {
      if (this.#filling.length === 0) this.#filling = new Uint8Array(Math.max(capacity, 1));
      const piece = chunk.subarray(taken, taken + this.#filling.length - this.#filled);
      this.#filling.set(piece, this.#filled);
      this.#filled += piece.length;
      taken += piece.length;
      if (this.#filled === this.#filling.length) await this.#swap();
    }
  }

  async #swap(): Promise<void> {
    await this.#underWay;
    const full = this.#filling;
    this.#write(full.subarray(0, this.#filled));
    this.#filling = this.#spare ?? new Uint8Array(full.length);
    this.#spare = full;
    this.#filled = 0;
  }

  async #flush(): Promise<void> {
    if (this.#filled > 0) await this.#swap();
    await this.#underWay;
  }

  /** Its failure is met where it is awaited next. */
  #write(bytes: Bytes): void {
    this.#underWay = this.#files.write(this.#descriptor, bytes, this.#position);
    this.#underWay.catch(() => {});
    this.#position += bytes.length;
  }
}
