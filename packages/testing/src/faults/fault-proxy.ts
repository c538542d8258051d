import { connect, createServer, type Server, type Socket } from "node:net";
import { InvalidArgumentError } from "@storage/core";
import { Connection } from "./connection.ts";
import type { Fault } from "./fault.ts";
import { type FaultPlan, FaultPlans, type PlanTerms } from "./fault-plans.ts";
import { Peer } from "./peer.ts";
import type { SeenRequest } from "./seen-request.ts";

export interface FaultProxyOptions {
  /** The service behind it: "http://127.0.0.1:9000", plain HTTP and no path. InvalidArgumentError for others. */
  readonly target: string;
  /** On 127.0.0.1. Default: one that is free. */
  readonly port?: number | undefined;
}

/**
 * A proxy in front of a real HTTP/1.1 service that breaks the requests it is told to break, and passes all others
 * through byte for byte: the Host header too, so a signature over it is good for the proxy's address. Each client
 * connection has one of its own to the target; memory stays constant however long a body is. Upgrades and TLS
 * are not for it. Where nobody listens at the target, the answer is 502.
 */
export class FaultProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #target: URL;
  readonly #plans = new FaultPlans();
  readonly #requests: SeenRequest[] = [];
  readonly #sockets = new Set<Socket>();
  #connections = 0;

  private constructor(target: URL) {
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) =>
      this.#take(socket),
    );
  }

  /** Rejects with the system's error where the port is taken. */
  static async start({ target, port = 0 }: FaultProxyOptions): Promise<FaultProxy> {
    const url = URL.canParse(target) ? new URL(target) : undefined;
    if (url?.protocol !== "http:" || url.pathname !== "/" || url.search !== "") {
      throw new InvalidArgumentError("target is the origin of a plain HTTP service: http://host:port");
    }
    const proxy = new FaultProxy(url);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    proxy.#server.once("error", reject).listen(port, "127.0.0.1", resolve);
    await promise;
    return proxy;
  }

  /** Where clients reach it: "http://127.0.0.1:40123". */
  get url(): string {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "";
  }

  /** Every request that was seen, in the order in which their heads came; it grows. */
  get requests(): readonly SeenRequest[] {
    return this.#requests;
  }

  /** How many connections were taken. */
  get connections(): number {
    return this.#connections;
  }

  /** By default the next request, and only that, meets the fault. InvalidArgumentError for one that is none. */
  plan(fault: Fault, terms: PlanTerms = {}): FaultPlan {
    return this.#plans.add(fault, terms);
  }

  /** Resets every connection there is, so that the next request of each client makes another. */
  disconnect(): void {
    for (const socket of this.#sockets) if (!socket.destroyed) socket.resetAndDestroy();
  }

  /** Ends whatever is under way. Later connections are refused. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    for (const socket of this.#sockets) socket.destroy();
    await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #take(socket: Socket): void {
    this.#connections++;
    this.#keep(socket);
    const fault = this.#plans.forConnection();
    if (fault !== undefined) {
      if (fault.kind === "reset") socket.resetAndDestroy();
      else if (fault.kind === "end") socket.resume().end();
      return;
    }
    const state = { connect: () => this.#connect(), plans: this.#plans, requests: this.#requests };
    void new Connection(new Peer(socket), state).serve();
  }

  async #connect(): Promise<Peer> {
    const { hostname, port } = this.#target;
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    const socket = connect({ host, port: Number(port || 80), allowHalfOpen: true });
    this.#keep(socket);
    const peer = new Peer(socket);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once("connect", resolve).once("close", () => reject(new Error("nobody listens")));
    await promise;
    return peer;
  }

  /** An error is told by the close that follows. */
  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
  }
}
