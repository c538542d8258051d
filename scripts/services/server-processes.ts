import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

/**
 * Becomes the program, and leaves a reader of our pipe behind that kills it when the pipe closes: at stop(),
 * and when we die, of whatever.
 */
const tiedToUs = 'exec 3<&0; (read -r _ <&3; kill -9 $$) & exec "$@" </dev/null 3<&-';

/** How long a start may take. It took 10 s at most, under a load of 27 on four cores. */
const patience = 30_000;

const endOf = (path: string): string => readFileSync(path, "utf8").trim().split("\n").slice(-5).join("\n");

/** A port of loopback that nobody listens on; another one may still take it before the server does. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  return address.port;
}

/** The processes and the folder of one server. What waits for them ends when one of them does. */
export class ServerProcesses {
  readonly folder: string;
  readonly #children: ChildProcess[] = [];
  readonly #ended = new AbortController();
  readonly #signal: AbortSignal;

  constructor(parent: string, signal: AbortSignal) {
    this.folder = mkdtempSync(join(parent, "storage-server-"));
    this.#signal = AbortSignal.any([signal, this.#ended.signal, AbortSignal.timeout(patience)]);
  }

  /** Runs a program to its end. */
  async run(program: string, parameters: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
    const options = { env: { ...process.env, ...environment }, signal: this.#signal };
    await promisify(execFile)(program, parameters, options).catch((error: unknown) => {
      this.#signal.throwIfAborted();
      throw error;
    });
  }

  /** Starts a program that stays in the foreground. */
  start(program: string, parameters: readonly string[], environment: NodeJS.ProcessEnv): void {
    this.#signal.throwIfAborted();
    const name = basename(program);
    const output = join(this.folder, `${name}.output`);
    const log = openSync(output, "w");
    const child = spawn("sh", ["-c", tiedToUs, "sh", program, ...parameters], {
      env: { ...process.env, ...environment },
      stdio: ["pipe", log, log],
    });
    closeSync(log);
    this.#children.push(child);
    child.on("error", (error) => this.#ended.abort(error));
    child.on("exit", () => this.#ended.abort(new Error(`${name} ended: ${endOf(output)}`)));
  }

  /** Waits until HTTP is answered by something that is not an outage. */
  async untilAnswering(endpoint: string): Promise<void> {
    for (;;) {
      const response = await fetch(endpoint, { signal: this.#signal }).catch(() => undefined);
      this.#signal.throwIfAborted();
      await response?.body?.cancel();
      if (response && response.status < 500) return;
      await sleep(50);
    }
  }

  /** Kills all and removes the folder. Nothing is shut down in order: nobody reads the data again. */
  async stop(): Promise<void> {
    const running = this.#children.filter((child) => child.exitCode === null && child.signalCode === null);
    const exits = running.map((child) => once(child, "exit"));
    for (const child of this.#children) child.stdin?.destroy();
    await Promise.all(exits);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
