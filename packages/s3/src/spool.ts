import { createHash } from "node:crypto";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { type Bytes, TooLargeError } from "@storage/core";
import { fileError } from "./file-errors.ts";
import type { StreamedBody } from "./request-body.ts";

/**
 * A stream on the disk, where memory would not hold it and a service wants it whole. Its name is gone
 * before the first byte is written, so that no crash leaves its bytes behind and nobody else opens it.
 */
export class Spool implements StreamedBody, AsyncDisposable {
  readonly length: number;
  readonly sha256: string;
  readonly #file: FileHandle;

  private constructor(file: FileHandle, length: number, sha256: string) {
    this.#file = file;
    this.length = length;
    this.sha256 = sha256;
  }

  /** @throws TooLargeError for more than so many bytes. */
  static async of(stream: AsyncIterable<Bytes>, most: number): Promise<Spool> {
    const file = await unnamedFile();
    try {
      const hash = createHash("sha256");
      let length = 0;
      for await (const chunk of stream) {
        length += chunk.length;
        if (length > most)
          throw new TooLargeError(`a stream with a condition holds at most ${most} bytes on this service`);
        hash.update(chunk);
        await file.writeFile(chunk).catch(notWritten);
      }
      return new Spool(file, length, hash.digest("hex"));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  read(): Readable {
    const stream = this.#file.createReadStream({ start: 0, autoClose: false, highWaterMark: 256 * 1024 });
    // The handler listens to no body: the request then ends short, and fails.
    return stream.on("error", () => stream.unpipe());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#file.close();
  }
}

function notWritten(cause: unknown): never {
  throw fileError("the temp folder does not take the stream, which has to be whole for its condition", cause);
}

async function unnamedFile(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), "storage-s3-")).catch(notWritten);
  try {
    return await open(join(folder, "spool"), "wx+", 0o600);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
