import { type ListEntry, type PutOptions, type StorageBackend, StorageError } from "@storage/core";

/** What became of an upload; none while its parts come in. */
export type UploadState =
  /** Somebody is putting it together, or was when the process ended; `before` is the etag of what it replaces. */
  | { readonly status: "begun"; readonly before: string | null }
  | { readonly status: "done"; readonly etag: string; readonly body: string }
  | { readonly status: "aborted" };

/** An upload in parts, as it waits in a store of parts (`Signer.parts`). What is left of it a sweep removes. */
export class WaitingUpload {
  readonly #parts: StorageBackend;
  readonly #folder: string;
  readonly #stateKey: string;

  constructor(parts: StorageBackend, uploadId: string) {
    this.#parts = parts;
    this.#folder = `${uploadId}/`;
    this.#stateKey = `${uploadId}/state`;
  }

  #keyOf(part: number): string {
    return this.#folder + String(part).padStart(4, "0");
  }

  /** Gives its etag. */
  async receive(
    part: number,
    body: Parameters<StorageBackend["put"]>[1],
    options: PutOptions,
  ): Promise<string> {
    return (await this.#parts.put(this.#keyOf(part), body, options)).etag;
  }

  /** The parts that are there, by their numbers. */
  async received(): Promise<ReadonlyMap<number, ListEntry>> {
    const found = new Map<number, ListEntry>();
    for await (const entry of this.#parts.list({ prefix: this.#folder }))
      found.set(Number(entry.key.slice(this.#folder.length)), entry);
    return found;
  }

  /** @throws PreconditionFailedError, FileNotFoundError where the part with this etag is gone. */
  async *read(part: number, etag: string): AsyncGenerator<Uint8Array> {
    const { body } = await this.#parts.open(this.#keyOf(part), { ifMatch: etag });
    yield* body;
  }

  async state(): Promise<UploadState | undefined> {
    try {
      return JSON.parse(new TextDecoder().decode(await this.#parts.get(this.#stateKey)));
    } catch (error) {
      if (StorageError.is(error, "FileNotFound")) return undefined;
      throw error;
    }
  }

  /** Gives its etag. */
  async setState(state: UploadState, options: PutOptions = {}): Promise<string> {
    return (await this.#parts.put(this.#stateKey, JSON.stringify(state), options)).etag;
  }

  /** Begins to put it together; gives the etag of the claim, and undefined where somebody has begun already. */
  async claim(before: string | null): Promise<string | undefined> {
    try {
      return await this.setState({ status: "begun", before }, { ifNoneMatch: "*" });
    } catch (error) {
      if (StorageError.is(error, "PreconditionFailed")) return undefined;
      throw error;
    }
  }

  /** Its parts wait again. @throws PreconditionFailedError where somebody else has come further. */
  async release(claim: string): Promise<void> {
    await this.#parts.delete(this.#stateKey, { ifMatch: claim });
  }

  async removeParts(): Promise<void> {
    const keys = (await this.#parts.listKeys({ prefix: this.#folder, limit: 2000 })).filter(
      (key) => key !== this.#stateKey,
    );
    const { failed } = await this.#parts.deleteMany(keys);
    if (failed[0]) throw failed[0].error;
  }
}
