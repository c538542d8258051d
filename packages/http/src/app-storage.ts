import type { IncomingMessage, ServerResponse } from "node:http";
import { Server } from "node:net";
import { ConfigurationError, type StorageBackend } from "@storage/core";
import type { HttpHandler } from "./http-handler.ts";
import { toNodeHandler, urlOf } from "./node-handler.ts";
import { setRequestTimeout } from "./request-timeout.ts";
import { type SiteOptions, type StorageSite, storageSite } from "./storage-site.ts";

export interface AddStorageOptions extends SiteOptions {
  /**
   * Belongs to the application from here on: it is closed with the server, and when another one takes its
   * place. Default: what the environment says.
   */
  readonly backend?: StorageBackend | undefined;
  /**
   * Milliseconds that a request may take to arrive, an upload's body included; 0 for no limit. Node's own
   * is 300,000, which ends slow uploads without a word. Default: 3,600,000.
   */
  readonly requestTimeout?: number | undefined;
}

/** Registered, since an application may meet two copies of this package. */
const symbol: unique symbol = Symbol.for("@storage/http/app/1");

/** What one application holds: a backend at a time, and the servers that it answers on. */
export class AppStorage {
  readonly #servers = new Set<Server>();
  #site: StorageSite | undefined;
  #requestTimeout: number | undefined;

  /** The one of this application, made when it is asked for first. */
  static of(app: object): AppStorage {
    const found = AppStorage.find(app);
    if (found !== undefined) return found;
    const made = new AppStorage();
    Object.defineProperty(app, symbol, { value: made });
    return made;
  }

  /** That of `AppStorage.of`, where it was asked for before. */
  static find(app: object): AppStorage | undefined {
    const found: AppStorage | undefined = Reflect.get(app, symbol);
    return found;
  }

  /**
   * Puts a backend in the application; the one before it is closed once what is under way there has ended.
   *
   * @throws ConfigurationError for options that make no sense, and what `detect` throws; then nothing has
   * changed.
   */
  async install(
    { backend: given, requestTimeout = 3_600_000, ...options }: AddStorageOptions,
    detect: () => Promise<StorageBackend>,
  ): Promise<StorageBackend> {
    if (!Number.isInteger(requestTimeout) || requestTimeout < 0)
      throw new ConfigurationError("requestTimeout is in milliseconds, 0 for none");
    const backend = given ?? (await detect());
    let site: StorageSite;
    try {
      site = storageSite(backend, options);
    } catch (error) {
      if (given === undefined) await backend.close();
      throw error;
    }
    const before = this.#site?.backend;
    this.#site = site;
    this.#requestTimeout = requestTimeout;
    for (const server of this.#servers) setRequestTimeout(server, requestTimeout);
    if (before !== backend) await before?.close();
    return backend;
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
    const server: unknown = Reflect.get(req.socket, "server");
    if (server instanceof Server) this.servedBy(server);
    const handler = this.handlerFor(urlOf(req));
    if (handler !== undefined) toNodeHandler(handler)(req, res);
    return handler !== undefined;
  }

  /** The backend is closed with the last of the servers that hand the application requests. */
  servedBy(server: Server): void {
    if (this.#servers.has(server)) return;
    this.#servers.add(server);
    if (this.#requestTimeout !== undefined) setRequestTimeout(server, this.#requestTimeout);
    server.once("close", () => {
      this.#servers.delete(server);
      if (this.#servers.size === 0) this.close().catch(() => {});
    });
  }

  /** Lets what is under way end; later calls of the backend are ClosedError. */
  async close(): Promise<void> {
    await this.#site?.backend.close();
  }
}

/** For a route that asks before there is anything. */
export const notConfigured = (): ConfigurationError =>
  new ConfigurationError("Storage not configured: call addStorage(app) first");
