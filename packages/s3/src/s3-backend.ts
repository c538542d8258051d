import type { Agent as HttpAgent } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import type { S3Client } from "@aws-sdk/client-s3";
import {
  Backend,
  type BackendOptions,
  type GetOptions,
  type ObjectMetadata,
  type OperationOptions,
  type PutOptions,
  type PutResult,
  StorageError,
  storageError,
} from "@storage/core";
import { classify } from "./classify.ts";
import { configured } from "./configured.ts";
import type { Connection } from "./connection.ts";
import type { GivenCredentials } from "./credentials.ts";
import { S3Driver } from "./driver.ts";
import type { BucketLocation } from "./endpoint.ts";
import type { S3Features } from "./s3-features.ts";
import type { S3ServiceName } from "./services.ts";

export interface S3BackendOptions extends BackendOptions, GivenCredentials, BucketLocation {
  /** What the service can do, as `probe()` found it. Default: by the service; off where it is unknown. */
  readonly features?: Partial<S3Features> | undefined;
  /**
   * One of yours, which brings its region, endpoint and credentials, and is not closed with the backend. For
   * another service than AWS say `service`, too.
   */
  readonly client?: S3Client | undefined;
  /** Bytes of a part, and of memory for each of `partConcurrency`. Default: 8 MiB; at least 5 MiB. */
  readonly partSize?: number | undefined;
  /** Parts of one upload in memory at once: one is filled while the others are on their way. Default: 4. */
  readonly partConcurrency?: number | undefined;
  /**
   * Ranges of one large object that are read at once, each with `partSize` in memory. Default: 1; more
   * helps where one connection is slower than the line, as it is on AWS.
   */
  readonly readConcurrency?: number | undefined;
  /** Bytes. A larger object is copied in parts. Default: 5 GiB, which is the most; at least 5 MiB. */
  readonly copyThreshold?: number | undefined;
  /** Where everybody reads the bucket: `getUrl` then gives links below it, without a signature. */
  readonly publicUrl?: string | undefined;
  /**
   * "read": get, open, getMetadata, exists, delete, deleteMany and the source of a copy take whatever key
   * the bucket holds already, such as "folder/". Writes stay strict. Default: "refuse".
   */
  readonly foreignKeys?: "refuse" | "read" | undefined;
  /** Pays for requests to a bucket of somebody else. Default: false. */
  readonly requesterPays?: boolean | undefined;
  /** Through which connections are made, such as a proxy's. It is not closed with the backend. Default: one that keeps them alive. */
  readonly agent?: HttpAgent | HttpsAgent | undefined;
  /** Connections of the default agent. Default: no limit but `maxConcurrency`, since bodies that are read slowly hold one each. */
  readonly maxSockets?: number | undefined;
}

/** Milliseconds that all requests of a probe may take. */
const probeTime = 120_000;

/** AWS S3, and every service that speaks it. */
export class S3Backend extends Backend {
  /** What answers, as the option says it or the host name tells it; "unknown" where neither does. */
  readonly service: S3ServiceName;
  readonly #connection: Connection;

  /** @throws ConfigurationError for an option that is unknown or makes no sense. */
  constructor(options: S3BackendOptions) {
    const { connection, settings, service } = configured(options);
    super(new S3Driver(connection, settings), options);
    this.service = service;
    this.#connection = connection;
  }

  /**
   * The file at `path`, in parts where it is large.
   *
   * @throws SourceFailedError for a file that cannot be read; what `put` throws.
   */
  async uploadFrom(key: string, path: string, options: Omit<PutOptions, "size"> = {}): Promise<PutResult> {
    const { uploadFrom } = await import("./files.ts");
    return await uploadFrom(this, key, path, options);
  }

  /**
   * Into the file at `path`, which is the old one or the new one, whole, at every moment.
   *
   * @throws what `open` throws; InvalidArgumentError, PermissionDeniedError or QuotaExceededError for a
   * file that cannot be written.
   */
  async downloadTo(key: string, path: string, options: GetOptions = {}): Promise<ObjectMetadata> {
    const { downloadTo } = await import("./files.ts");
    return await downloadTo(this, key, path, options);
  }

  /**
   * What the service of this bucket can do, tried on objects of its own below `.storage/`, with some two
   * hundred requests: to be given as `features`, since a backend never guesses. They are removed; where the
   * bucket keeps versions, or locks what is new, those stay, and its events are sent.
   *
   * @throws the typed error of what kept it from a clear answer.
   */
  async probe({ signal }: OperationOptions = {}): Promise<S3Features> {
    const clock = AbortSignal.timeout(probeTime);
    const either = signal ? AbortSignal.any([signal, clock]) : clock;
    const subject = { operation: "probe", backend: this.name };
    try {
      const { probeFeatures } = await import("./probing.ts");
      return await probeFeatures(this.#connection, either);
    } catch (cause) {
      if (either.aborted) {
        const isTimeout = either.reason?.name === "TimeoutError";
        throw storageError(isTimeout ? "Timeout" : "Aborted", "the probe was ended", {
          ...subject,
          cause: either.reason,
        });
      }
      if (StorageError.is(cause)) throw storageError(cause.code, cause.reason, { ...cause, ...subject });
      const { code, hint = `the service answered ${code}`, ...facts } = classify(cause);
      throw storageError(code, hint, { ...facts, ...subject });
    }
  }

  /** The SDK's own client, for what no abstraction covers. */
  async client(): Promise<S3Client> {
    return (await this.#connection.load()).client;
  }
}
