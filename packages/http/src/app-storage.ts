import type { IncomingMessage, ServerResponse } from "node:http";
import { ConfigurationError, nearest, type StorageBackend } from "@storage/core";
import type { HttpHandler } from "./http-handler.ts";
import { toNodeHandler, urlOf } from "./node-handler.ts";
import { type NodeServer, setRequestTimeout } from "./request-timeout.ts";
import { type SiteOptions, type StorageSite, storageSite } from "./storage-site.ts";

export interface AddStorageOptions extends SiteOptions {
  /**
   * Belongs to the application from here on: it is closed with the application, and when another one takes
   * its place. Default: what the environment says.
   */
  readonly backend?: StorageBackend | undefined;
  /**
   * Milliseconds that a request may take to arrive, an upload's body included; 0 for no limit. It is set on
   * Node's server. Default: 3,600,000 where Node's own 300,000 would end slow uploads; a server whose
   * framework sets a limit of its own is left alone.
   */
  readonly requestTimeout?: number | undefined;
}

/** What a framework brings to what its application holds. */
export interface AppDefaults {
  /** The backend, where none was given. */
  detect(): Promise<StorageBackend>;
  /** Of `AddStorageOptions`; undefined leaves servers alone. */
  readonly requestTimeout?: number | undefined;
}

const optionNames: readonly string[] = [
  "backend",
  "serveFiles",
  "fileRoutePrefix",
  "healthPath",
  "cors",
  "requestTimeout",
  "inlinePdf",
  "onError",
];

/** Registered, since an application may meet two copies of this package. */
const symbol: unique symbol = Symbol.for("@storage/http/app/1");

/** What one application holds: a backend at a time. */
export class AppStorage {
  readonly #servers = new Set<NodeServer>();
  readonly #own = new Set<NodeServer>();
  #isConnected = false;
  /** Of the last call; never rejects. */
  #installing: Promise<unknown> = Promise.resolve();
  #site: StorageSite | undefined;
  #requestTimeout: number | undefined;

  /** The application's own, made when it is asked for first. */
  static of(app: object): AppStorage {
    const own: AppStorage | undefined = Reflect.getOwnPropertyDescriptor(app, symbol)?.value;
    if (own !== undefined) return own;
    const made = new AppStorage();
    Object.defineProperty(app, symbol, { value: made });
    return made;
  }

  /** What `AppStorage.of` made before, for this application or for what it inherits from. */
  static find(app: object): AppStorage | undefined {
    const found: AppStorage | undefined = Reflect.get(app, symbol);
    return found;
  }

  /**
   * Runs what connects the application to its framework, at the first call: here, and not beside it, since
   * an application may meet two copies of a binding.
   */
  connect(work: () => void): void {
    if (this.#isConnected) return;
    work();
    this.#isConnected = true;
  }

  /** Whether what `connect` was given has run. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /**
   * Puts a backend in the application, after those of earlier calls; the one before it is closed once what is
   * under way there has ended.
   *
   * @throws ConfigurationError for options that make no sense, and what `detect` throws; then nothing has
   * changed.
   */
  async install(options: AddStorageOptions, defaults: AppDefaults): Promise<StorageBackend> {
    checkNames(options);
    const installed = this.#installing.then(() => this.#install(options, defaults));
    this.#installing = installed.catch(() => {});
    return await installed;
  }

  async #install(
    { backend: given, requestTimeout, ...options }: AddStorageOptions,
    defaults: AppDefaults,
  ): Promise<StorageBackend> {
    const limit = requestTimeout ?? defaults.requestTimeout;
    if (limit !== undefined && (!Number.isInteger(limit) || limit < 0))
      throw new ConfigurationError("requestTimeout is in milliseconds, 0 for none");
    const backend = given ?? (await defaults.detect());
    let site: StorageSite;
    try {
      site = storageSite(backend, options);
    } catch (error) {
      if (given === undefined) await backend.close();
      throw error;
    }
    const before = this.#site?.backend;
    this.#site = site;
    this.#requestTimeout = limit;
    for (const server of this.#servers) this.#limit(server);
    if (before !== backend) await before?.close();
    return backend;
  }

  get isInstalled(): boolean {
    return this.#site !== undefined;
  }

  /** @throws ConfigurationError before `addStorage`. */
  get backend(): StorageBackend {
    if (this.#site === undefined) throw notConfigured();
    return this.#site.backend;
  }

  /** For a request's URL as the client sent it; undefined where the application answers. */
  handlerFor(url: string): HttpHandler | undefined {
    return this.#site?.handlerFor(url);
  }

  /** For frameworks over `node:http`: whether the request is the storage's, which it answers then. */
  takes(req: IncomingMessage, res: ServerResponse): boolean {
    this.meets(serverOf(req));
    const handler = this.handlerFor(urlOf(req));
    if (handler !== undefined) toNodeHandler(handler)(req, res);
    return handler !== undefined;
  }

  /** A server hands the application requests: it gets the limit for these. */
  meets(server: NodeServer | undefined): void {
    if (server === undefined || this.#servers.has(server)) return;
    this.#servers.add(server);
    server.once("close", () => this.#servers.delete(server));
    this.#limit(server);
  }

  /** The server is the application's own: the backend is closed with the last such one. */
  ownedBy(server: NodeServer): void {
    if (this.#own.has(server)) return;
    this.meets(server);
    this.#own.add(server);
    server.once("close", () => {
      this.#own.delete(server);
      if (this.#own.size === 0) this.close().catch(() => {});
    });
  }

  #limit(server: NodeServer): void {
    if (this.#requestTimeout !== undefined) setRequestTimeout(server, this.#requestTimeout);
  }

  /** Lets what is under way end, a call of `install` too; later calls of the backend are ClosedError. */
  async close(): Promise<void> {
    await this.#installing;
    await this.#site?.backend.close();
  }
}

/** An option that is not known would leave an application on another backend, or without its files, in silence. */
function checkNames(options: AddStorageOptions): void {
  const unknown = Object.keys(options).find((name) => !optionNames.includes(name));
  if (unknown === undefined) return;
  const meant =
    "capabilities" in options
      ? "addStorage(app, { backend })"
      : (nearest(unknown, optionNames) ?? optionNames.join(" or "));
  throw new ConfigurationError(`addStorage has no option "${unknown}": did you mean ${meant}?`);
}

/** The server that Node took the request from; of a request that a test made up there is none. */
export function serverOf({ socket }: Pick<IncomingMessage, "socket">): NodeServer | undefined {
  const server: NodeServer | undefined = Reflect.get(Object(socket), "server");
  return server;
}

/** For a route that asks before there is anything. */
export const notConfigured = (): ConfigurationError =>
  new ConfigurationError("Storage not configured: call addStorage(app) first");
