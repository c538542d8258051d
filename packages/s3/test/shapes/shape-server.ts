import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { deleteObjects, listObjects } from "./listing-answers.ts";
import { copyObject, deleteObject, getObject, putObject } from "./object-answers.ts";
import { ObjectStore } from "./object-store.ts";
import type { Quirk } from "./quirk.ts";
import { failure, notImplemented, type Reply } from "./replies.ts";
import { type ShapeOperation, type ShapeRequest, shapeRequest } from "./requests.ts";
import { refusedSignature } from "./signature.ts";
import {
  abortUpload,
  completeUpload,
  createUpload,
  listParts,
  listUploads,
  uploadPart,
} from "./upload-answers.ts";

type Answer = (request: ShapeRequest, store: ObjectStore) => Reply;

/** What every S3 does, as the API reference describes it. */
const answers: Readonly<Record<ShapeOperation, Answer>> = {
  AbortMultipartUpload: abortUpload,
  CompleteMultipartUpload: completeUpload,
  CopyObject: copyObject,
  CreateMultipartUpload: createUpload,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
  GetObject: getObject,
  HeadObject: getObject,
  ListMultipartUploads: listUploads,
  ListObjectsV2: listObjects,
  ListParts: listParts,
  PostObject: notImplemented,
  PutObject: putObject,
  UploadPart: uploadPart,
  unknown: notImplemented,
};

export interface Seen {
  readonly request: ShapeRequest;
  readonly status: number;
  /** Which quirk answered. */
  readonly quirk: string | undefined;
}

/** One bucket of one service, on loopback: S3 as the API reference has it, and before it the service's quirks. */
export class ShapeServer {
  readonly store: ObjectStore;
  readonly seen: Seen[] = [];
  readonly #rules: readonly Quirk[];
  #struck: { readonly quirk: Quirk; left: number } | undefined;
  readonly #server: Server = createServer((incoming, response) => void this.#serve(incoming, response));

  constructor(bucket: string, rules: readonly Quirk[], ahead: number = 0) {
    this.store = new ObjectStore(bucket, ahead);
    this.#rules = rules;
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** For so many of the requests that it concerns, `quirk` comes before everything else. */
  strike(quirk: Quirk, times: number): void {
    this.#struck = { quirk, left: times };
  }

  /** The operations that arrived, in their order. */
  get operations(): ShapeOperation[] {
    return this.seen.map(({ request }) => request.operation);
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await shapeRequest(incoming).catch(() => undefined);
    if (request === undefined) return;
    const [reply, quirk] = this.#answer(request);
    this.seen.push({ request, status: reply.status, quirk: quirk?.name });
    const body = Buffer.from(reply.body ?? "");
    response.sendDate = false;
    response.writeHead(reply.status, {
      ...reply.headers,
      date: this.store.now().toUTCString(),
      "x-amz-request-id": `SHAPE${String(this.seen.length).padStart(11, "0")}`,
      ...(reply.status === 204 || reply.status === 304 ? {} : { "content-length": body.length }),
    });
    response.end(request.method === "HEAD" ? undefined : body);
  }

  #answer(request: ShapeRequest): readonly [Reply, Quirk | undefined] {
    const refused =
      request.operation === "PostObject" ? undefined : refusedSignature(request, this.store.now());
    if (refused) return [refused, undefined];
    const struck = this.#struck?.left ? this.#struck : undefined;
    for (const quirk of struck ? [struck.quirk, ...this.#rules] : this.#rules) {
      const reply = quirk.answers(request, this.store);
      if (reply === undefined) continue;
      if (quirk === struck?.quirk) struck.left--;
      return [reply, quirk];
    }
    if (request.bucket !== this.store.bucket)
      return [failure(404, "NoSuchBucket", "The specified bucket does not exist"), undefined];
    return [answers[request.operation](request, this.store), undefined];
  }
}
