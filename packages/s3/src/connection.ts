import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Bytes } from "@storage/core";
import type { Endpoint } from "./endpoint.ts";
import { factsOfFailure, S3Failure } from "./failure.ts";
import { encodeKey } from "./keys.ts";
import { type Credentials, queryOf, Signer, unsignedPayload } from "./signing.ts";

/** The SDK's package, loaded by the first request. */
export type Sdk = typeof import("@aws-sdk/client-s3");

export interface ConnectionSettings {
  readonly endpoint: Endpoint;
  /** Undefined where the SDK's own chain is asked. */
  readonly pair: Credentials | undefined;
  readonly makeClient: (sdk: Sdk) => S3Client;
}

/** A request for an object, which takes the short way: signed here, and sent by the client's own handler. */
export interface ObjectRequest {
  readonly method: "GET" | "HEAD" | "PUT";
  readonly key: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Bytes | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: IncomingMessage;
}

/** Of an error document, in bytes: what is longer is none. */
const longestError = 64 * 1024;

/** The SDK's client, credentials and clock: all that requests and links have in common. */
export class Connection {
  readonly endpoint: Endpoint;
  readonly signer: Signer;
  readonly #settings: ConnectionSettings;
  #loaded: Promise<{ readonly sdk: Sdk; readonly client: S3Client }> | undefined;
  /** What the chain gave last, so that links can be signed with it. */
  #lent: Credentials | undefined;
  /** Milliseconds by which the service's clock is ahead of ours. */
  #ahead = 0;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
    this.endpoint = settings.endpoint;
    this.signer = new Signer(settings.endpoint.region);
  }

  load(): Promise<{ readonly sdk: Sdk; readonly client: S3Client }> {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  async #load(): Promise<{ readonly sdk: Sdk; readonly client: S3Client }> {
    const sdk = await import("@aws-sdk/client-s3");
    return { sdk, client: this.#settings.makeClient(sdk) };
  }

  async close(): Promise<void> {
    const loaded = await this.#loaded;
    loaded?.client.destroy();
  }

  now(): Date {
    return new Date(Date.now() + this.#ahead);
  }

  /** Those that a link can be signed with at once; undefined where the chain has to be asked first. */
  get credentialsAtHand(): Credentials | undefined {
    const { pair } = this.#settings;
    if (pair !== undefined) return pair;
    const { expiration } = this.#lent ?? {};
    return expiration && expiration <= this.now() ? undefined : this.#lent;
  }

  async credentials(forceRefresh: boolean = false): Promise<Credentials> {
    const { pair } = this.#settings;
    if (pair !== undefined) return pair;
    const { client } = await this.load();
    this.#lent = await client.config.credentials({ forceRefresh });
    return this.#lent;
  }

  /** A command of the SDK. */
  async send<Result>(work: (sdk: Sdk, client: S3Client) => Promise<Result>): Promise<Result> {
    const { sdk, client } = await this.load();
    return await this.#corrected(() => work(sdk, client));
  }

  /** A request by the short way. @throws S3Failure for an answer that is no success. */
  request(request: ObjectRequest, signal: AbortSignal): Promise<Answer> {
    return this.#corrected(() => this.#request(request, signal));
  }

  async #request(
    { method, key, query = {}, headers, body }: ObjectRequest,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { client } = await this.load();
    const { protocol, host, path } = this.endpoint;
    const signable = { method, host, path: path + encodeKey(key), query, headers };
    const payload = payloadHash(protocol, body);
    const credentials = this.#settings.pair ?? (await this.credentials());
    const signed = this.signer.headers(signable, credentials, this.now(), payload);
    if (body !== undefined) signed["content-length"] = String(body.length);
    const { hostname, port } = splitHost(host);
    const { response } = await client.config.requestHandler.handle(
      { protocol, hostname, port, method, path: withQuery(signable.path, query), headers: signed, body },
      { abortSignal: signal },
    );
    const answer: Answer = { status: response.statusCode, headers: response.headers, body: response.body };
    if (answer.status === 200 || answer.status === 206) return answer;
    throw new S3Failure(answer.status, answer.headers, await textOf(answer.body));
  }

  /** Once more with the right time, and with new credentials: what is wrong with them then stays wrong. */
  async #corrected<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (cause) {
      const { code, headers } = factsOfFailure(cause);
      if (code === "RequestTimeTooSkewed" && headers.date !== undefined) {
        const { client } = await this.load();
        this.#ahead = Date.parse(headers.date) - Date.now();
        client.config.systemClockOffset = this.#ahead;
      } else if (code === "ExpiredToken" && this.#settings.pair === undefined) await this.credentials(true);
      else throw cause;
      return await work();
    }
  }
}

/** Without TLS the bytes are signed too, as the SDK does: nothing else would tell of a flipped bit. */
function payloadHash(protocol: string, body: Bytes | undefined): string {
  if (protocol === "https:") return unsignedPayload;
  return createHash("sha256")
    .update(body ?? "")
    .digest("hex");
}

function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const text = queryOf(query);
  return text ? `${path}?${text}` : path;
}

function splitHost(host: string): { hostname: string; port: number | undefined } {
  const found = /^(.*):(\d+)$/.exec(host);
  return found ? { hostname: found[1] ?? host, port: Number(found[2]) } : { hostname: host, port: undefined };
}

async function textOf(body: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of body) {
    text += chunk;
    if (text.length > longestError) break;
  }
  return text;
}
