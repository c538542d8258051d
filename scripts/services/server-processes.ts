import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

/**
 * Becomes the program, and leaves a reader of our pipe behind that kills it when the pipe closes: at stop(),
 * and when we die, of whatever.
 */
const tiedToUs = 'exec 3<&0; (read -r _ <&3; kill -9 $$) & exec "$@" </dev/null 3<&-';

/** A server that answers has a minute for it: machines with two cores are busy. */
const patience = 60_000;

interface ServerProcess {
  readonly child: ChildProcess;
  readonly logPath: string;
}

const isRunning = ({ child }: ServerProcess): boolean => child.exitCode === null && child.signalCode === null;

const endOf = (path: string): string => readFileSync(path, "utf8").trim().split("\n").slice(-5).join("\n");

/** A port of loopback that nobody listens on. Another one may take it before the server does; nobody has yet. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  return address.port;
}

/** The processes and folders of one server, which go together. */
export class ServerProcesses {
  readonly #signal: AbortSignal;
  readonly #processes: ServerProcess[] = [];
  readonly #folders: string[] = [];

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  makeFolder(parent: string = tmpdir()): string {
    const folder = mkdtempSync(join(parent, "storage-server-"));
    this.#folders.push(folder);
    return folder;
  }

  /** Runs a program to its end. */
  async run(program: string, parameters: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
    const options = { env: { ...process.env, ...environment }, signal: this.#signal };
    await promisify(execFile)(program, parameters, options);
  }

  /** Starts a program that stays in the foreground; what it prints goes into `folder`. */
  start(
    program: string,
    parameters: readonly string[],
    environment: NodeJS.ProcessEnv,
    folder: string,
  ): void {
    this.#signal.throwIfAborted();
    const logPath = join(folder, `${basename(program)}.output`);
    const log = openSync(logPath, "w");
    const child = spawn("sh", ["-c", tiedToUs, "sh", program, ...parameters], {
      env: { ...process.env, ...environment },
      stdio: ["pipe", log, log],
    });
    closeSync(log);
    child.on("error", () => {}); // It never ran; `untilAnswering` says so.
    this.#processes.push({ child, logPath });
  }

  /** Waits until HTTP is answered by something that is not an outage. Throws when a process has ended. */
  async untilAnswering(endpoint: string): Promise<void> {
    const deadline = Date.now() + patience;
    while (Date.now() < deadline) {
      const ended = this.#processes.find((process) => !isRunning(process));
      if (ended) throw new Error(`it ended: ${endOf(ended.logPath)}`);
      const response = await fetch(endpoint, { signal: this.#signal }).catch(() => undefined);
      this.#signal.throwIfAborted();
      await response?.body?.cancel();
      if (response && response.status < 500) return;
      await sleep(50);
    }
    throw new Error(`${endpoint} does not answer`);
  }

  /** Kills all and removes the folders. Nothing is shut down in order: nobody reads the data again. */
  async stop(): Promise<void> {
    const ended = this.#processes.splice(0).map(async (process) => {
      const exit = isRunning(process) ? once(process.child, "exit") : undefined;
      process.child.stdin?.destroy();
      await exit;
    });
    await Promise.all(ended);
    for (const folder of this.#folders.splice(0)) {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  }
}
