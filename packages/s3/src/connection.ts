import type { IncomingMessage } from "node:http";
import type {
  $Command,
  S3Client,
  S3ClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
} from "@aws-sdk/client-s3";
import { type Bytes, ClosedError } from "@storage/core";
import { aheadIn, mayBeExpired } from "./corrections.ts";
import type { Endpoint } from "./endpoint.ts";
import { documentOf, factsOfFailure, failureOf, S3Failure } from "./failure.ts";
import { encodeKey } from "./keys.ts";
import type { ObjectHeaders } from "./object-headers.ts";
import { integrityHeaders, payloadHash, type StreamedBody, sentBody } from "./request-body.ts";
import { type Credentials, queryOf, Signer } from "./signing.ts";

/** The SDK's package, loaded by the first request. */
export type Sdk = typeof import("@aws-sdk/client-s3");

/** What every input of a command holds. */
export interface Target {
  readonly Bucket: string;
  readonly RequestPayer?: "requester" | undefined;
}

/** What requests are sent by. */
export interface ClientAtEndpoint {
  readonly client: S3Client;
  readonly endpoint: Endpoint;
  /** Whether the client is closed with the backend. */
  readonly isOurs: boolean;
}

export interface ConnectionSettings {
  readonly target: Target;
  readonly objectHeaders: ObjectHeaders;
  /** Undefined where a client that was handed in knows it. */
  readonly endpoint: Endpoint | undefined;
  /** Undefined where the client's are asked for, which may be the SDK's own chain. */
  readonly pair: Credentials | undefined;
  readonly open: (sdk: Sdk) => Promise<ClientAtEndpoint>;
}

/** A request for an object, which takes the short way: signed here, and sent by the client's own handler. */
export interface ObjectRequest {
  readonly method: "GET" | "HEAD" | "PUT";
  readonly key: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Bytes | StreamedBody | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: IncomingMessage;
  /** Whether nothing of the request's body waits to be sent any more, as it may where the answer came early. */
  readonly isWholeSent: boolean;
}

/** What a link is signed with. */
export interface Signing {
  readonly endpoint: Endpoint;
  readonly signer: Signer;
  readonly credentials: Credentials;
  /** Who pays for what is asked for by the link, where that is not the bucket's owner. */
  readonly payer: Target["RequestPayer"];
}

interface Ready extends ClientAtEndpoint {
  readonly sdk: Sdk;
  readonly signer: Signer;
}

/** The SDK's client, credentials and clock: all that requests and links have in common. */
export class Connection {
  readonly target: Target;
  readonly objectHeaders: ObjectHeaders;
  readonly #settings: ConnectionSettings;
  #loading: Promise<Ready> | undefined;
  #signing: Pick<Signing, "endpoint" | "signer"> | undefined;
  /** What the client gave last, so that links can be signed with it. */
  #lent: Credentials | undefined;
  /** The last time that new credentials were asked for: many requests may find the old ones expired. */
  #renewal: Promise<Credentials> | undefined;
  /** Milliseconds by which the service's clock is ahead of ours. */
  #ahead = 0;
  #knowsBucket = false;
  #isClosed = false;

  constructor(settings: ConnectionSettings) {
    const { target, objectHeaders, endpoint } = settings;
    this.#settings = settings;
    this.target = target;
    this.objectHeaders = objectHeaders;
    if (endpoint) this.#signing = { endpoint, signer: new Signer(endpoint.region) };
  }

  async load(): Promise<Ready> {
    if (this.#isClosed) throw new ClosedError("the backend was closed");
    // What failed once, such as the region of a client that was handed in, is asked for again.
    this.#loading ??= this.#load().catch((cause: unknown) => {
      this.#loading = undefined;
      throw cause;
    });
    return await this.#loading;
  }

  async #load(): Promise<Ready> {
    const sdk = await import("@aws-sdk/client-s3");
    const atEndpoint = await this.#settings.open(sdk);
    this.#signing ??= { endpoint: atEndpoint.endpoint, signer: new Signer(atEndpoint.endpoint.region) };
    return { sdk, ...atEndpoint, signer: this.#signing.signer };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const loaded = await this.#loading?.catch(() => undefined);
    if (loaded?.isOurs) loaded.client.destroy();
  }

  now(): Date {
    return new Date(Date.now() + this.#ahead);
  }

  /** Where a link can be signed at once. */
  get signingAtHand(): Signing | undefined {
    const { pair = this.#lent } = this.#settings;
    if (pair === undefined || this.#signing === undefined) return undefined;
    if (pair === this.#lent && pair.expiration && pair.expiration <= this.now()) return undefined;
    return { ...this.#signing, credentials: pair, payer: this.target.RequestPayer };
  }

  async signing(): Promise<Signing> {
    const { endpoint, signer } = await this.load();
    return { endpoint, signer, credentials: await this.#credentials(), payer: this.target.RequestPayer };
  }

  async #credentials(forceRefresh: boolean = false): Promise<Credentials> {
    const { pair } = this.#settings;
    if (pair !== undefined) return pair;
    const { client } = await this.load();
    this.#lent = await client.config.credentials({ forceRefresh });
    return this.#lent;
  }

  /** A command of the SDK. */
  send<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    commandOf: (
      sdk: Sdk,
      target: Target,
      endpoint: Endpoint,
    ) => $Command<Input, Output, S3ClientResolvedConfig>,
    signal: AbortSignal,
  ): Promise<Output> {
    return this.#corrected(async () => {
      const { sdk, client, endpoint } = await this.load();
      return await client.send(commandOf(sdk, this.target, endpoint), { abortSignal: signal });
    });
  }

  /** A request by the short way. @throws S3Failure for an answer that is no success. */
  request(request: ObjectRequest, signal: AbortSignal): Promise<Answer> {
    return this.#corrected(() => this.#request(request, signal));
  }

  async #request(
    { method, key, query = {}, headers: own, body }: ObjectRequest,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { client, endpoint, signer } = await this.load();
    const { protocol, hostname, port, host, path, service } = endpoint;
    const headers = { ...own };
    if (this.target.RequestPayer) headers["x-amz-request-payer"] = this.target.RequestPayer;
    Object.assign(headers, integrityHeaders(service, headers, body));
    const signable = { method, host, path: path + encodeKey(key), query, headers };
    const credentials = this.#settings.pair ?? (await this.#credentials());
    const signed = signer.headers(signable, credentials, this.now(), await payloadHash(protocol, body));
    if (body !== undefined) signed["content-length"] = String(body.length);
    const { response } = await client.config.requestHandler.handle(
      {
        protocol,
        hostname,
        port,
        method,
        path: withQuery(signable.path, query),
        headers: signed,
        body: sentBody(body),
      },
      { abortSignal: signal },
    );
    const { statusCode: status, headers: received, body: answered } = response;
    const isWholeSent = Object(answered.req).writableFinished === true;
    const answer: Answer = { status, headers: received, body: answered, isWholeSent };
    if (answer.status !== 200 && answer.status !== 206)
      throw failureOf(answer.status, answer.headers, await documentOf(answer.body), endpoint.region);
    this.#knowsBucket = true;
    return answer;
  }

  /** Once more with the right time, and with new credentials: what is wrong with them then stays wrong. */
  async #corrected<Result>(work: () => Promise<Result>): Promise<Result> {
    const renewal = this.#renewal;
    try {
      return await work();
    } catch (cause) {
      const failure = factsOfFailure(cause);
      const ahead = aheadIn(failure, this.now());
      if (ahead !== undefined) {
        const { client } = await this.load();
        this.#ahead = ahead;
        client.config.systemClockOffset = ahead;
      } else if (mayBeExpired(failure) && this.#settings.pair === undefined) {
        if (this.#renewal === renewal) this.#renewal = this.#credentials(true);
        await this.#renewal;
      } else throw cause;
      return await work();
    }
  }

  /** A bare 404 says nothing of what is missing: until something was found there, it may be the bucket. */
  async findBucket(signal: AbortSignal): Promise<void> {
    if (this.#knowsBucket) return;
    try {
      await this.send((sdk, target) => new sdk.HeadBucketCommand(target), signal);
    } catch (cause) {
      const { status } = factsOfFailure(cause);
      if (status === 404) throw new S3Failure(404, "NoSuchBucket");
      if (status !== 403) throw cause;
    }
    this.#knowsBucket = true;
  }
}

function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const text = queryOf(query);
  return text ? `${path}?${text}` : path;
}
