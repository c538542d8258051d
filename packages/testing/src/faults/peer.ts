import type { Socket } from "node:net";

/** The other side went away, or closed, in the middle of a message. */
export class PeerGoneError extends Error {}

/** Bytes; a head that is longer is none. */
const longestHead = 256 * 1024;

/** One end of a connection. It is read by pulling, and written with patience: nothing piles up between two. */
export class Peer {
  readonly #socket: Socket;
  readonly #queue: Buffer[] = [];
  readonly #end: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  #hasEnded = false;
  #isDeaf = false;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket.setNoDelay(true);
    socket.on("data", (bytes: Buffer) => {
      if (this.#isDeaf) return;
      this.#queue.push(bytes);
      socket.pause();
      this.#wake();
    });
    socket.on("error", (error) => {
      this.#failure = error;
    });
    socket.on("end", () => this.#over()).on("close", () => this.#over());
  }

  #over(): void {
    this.#hasEnded = true;
    this.#end.resolve();
    this.#wake();
  }

  /** Whether it will send no more, and all that it sent was read. */
  get isSpent(): boolean {
    return this.#hasEnded && this.#queue.length === 0;
  }

  get wasReset(): boolean {
    return this.#failure !== undefined;
  }

  /** Lets an end be noticed while nobody reads. */
  watch(): void {
    if (this.#queue.length === 0) this.#socket.resume();
  }

  /** Resolves when it will send no more. */
  async ended(): Promise<void> {
    this.watch();
    await this.#end.promise;
  }

  async closed(): Promise<void> {
    if (!this.#socket.closed) await new Promise((resolve) => this.#socket.once("close", resolve));
  }

  /** What comes next; undefined at the end. */
  async chunk(): Promise<Buffer | undefined> {
    for (;;) {
      const bytes = this.#queue.shift();
      if (bytes !== undefined) return bytes;
      if (this.#hasEnded) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      this.#socket.resume();
      await promise;
    }
  }

  /** At least one byte and at most so many. PeerGoneError at the end. */
  async some(most: number): Promise<Buffer> {
    const bytes = await this.chunk();
    if (bytes === undefined) throw new PeerGoneError("the connection ended inside of a message");
    if (bytes.length > most) this.#queue.unshift(bytes.subarray(most));
    return bytes.subarray(0, most);
  }

  /** All up to a mark, the mark included; undefined, with what was read put back, where none comes. */
  async through(mark: string): Promise<Buffer | undefined> {
    let read: Buffer = Buffer.alloc(0);
    while (read.length < longestHead) {
      const bytes = await this.chunk();
      if (bytes === undefined) break;
      read = read.length === 0 ? bytes : Buffer.concat([read, bytes]);
      const found = read.indexOf(mark);
      if (found === -1) continue;
      const after = found + mark.length;
      if (after < read.length) this.#queue.unshift(read.subarray(after));
      return read.subarray(0, after);
    }
    if (read.length > 0) this.#queue.unshift(read);
    return undefined;
  }

  /** Resolves when there is room for more. PeerGoneError where there is nobody. */
  async send(bytes: Uint8Array): Promise<void> {
    const socket = this.#socket;
    if (bytes.length === 0) return;
    if (!socket.writable) throw new PeerGoneError("the connection is closed");
    if (socket.write(bytes)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.once("drain", resolve).once("close", resolve);
    await promise;
    socket.off("drain", resolve).off("close", resolve);
    if (socket.destroyed) throw new PeerGoneError("the connection was closed");
  }

  /** FIN, behind all that was sent; it may still send. */
  endSending(): void {
    if (this.#socket.writable) this.#socket.end();
  }

  /** FIN, and nothing that it still sends is read. */
  end(): void {
    this.endSending();
    this.#isDeaf = true;
    this.#queue.length = 0;
    this.#socket.resume();
  }

  /** RST. What the other side has not taken yet may be lost. */
  reset(): void {
    if (!this.#socket.destroyed) this.#socket.resetAndDestroy();
  }
}
