import { createHash, randomBytes } from "node:crypto";
import * as nodeFs from "node:fs/promises";
import { hostname } from "node:os";
import { errorCode } from "./files.ts";

/**
 * Who wrote a temp file: the machine (with its process namespace), the process and its start. The
 * number of a process alone would be another one's after a restart, or in another container.
 */
export interface Identity {
  readonly machine: string;
  readonly process: number;
  readonly started: string;
}

let own: Promise<Identity> | undefined;

/** Of this process; read once. */
export function ownIdentity(): Promise<Identity> {
  own ??= readIdentity().catch((error: unknown) => {
    own = undefined;
    throw error;
  });
  return own;
}

async function readIdentity(): Promise<Identity> {
  const parts = await Promise.all([
    readOr("/proc/sys/kernel/random/boot_id", ""),
    nodeFs.readlink("/proc/self/ns/pid").catch(() => ""),
  ]);
  const machine = createHash("sha256")
    .update([hostname(), ...parts].join("\n"))
    .digest("hex")
    .slice(0, 12);
  return { machine, process: process.pid, started: await startOf(process.pid) };
}

let names = 0;
let prefix: Promise<string> | undefined;

/** A name for a temp file that no other writer has: numbered, after what is random once. */
export async function uniqueName(): Promise<string> {
  return (await ownPrefix()) + (names++).toString(36);
}

/** Whether it was made here, and not in another process, thread or copy of this package. */
export async function isOwnName(name: string): Promise<boolean> {
  return name.startsWith(await ownPrefix());
}

function ownPrefix(): Promise<string> {
  prefix ??= readPrefix().catch((error: unknown) => {
    prefix = undefined;
    throw error;
  });
  return prefix;
}

async function readPrefix(): Promise<string> {
  const { machine, process: id, started } = await ownIdentity();
  return `${machine}.${id}.${started}.${randomBytes(6).toString("hex")}-`;
}

/** Who made a temp file of this name; undefined for a name that is not of ours. */
export function identityOf(name: string): Identity | undefined {
  const [machine, id, started, random, ...rest] = name.split(".");
  if (machine === undefined || started === undefined || random === undefined || rest.length > 0)
    return undefined;
  return { machine, process: Number(id), started };
}

/** Undefined where nobody here can know: the process is on another machine. */
export async function isAlive(identity: Identity | undefined): Promise<boolean | undefined> {
  const { machine } = await ownIdentity();
  if (identity?.machine !== machine) return undefined;
  const started = await startOf(identity.process);
  return started === "running" || started === identity.started;
}

/** In clock ticks since the machine started (proc_pid_stat(5)); where /proc does not tell, only whether it runs. */
async function startOf(id: number): Promise<string> {
  // Who is just ending may be neither readable nor gone: at the second look it is.
  for (let looks = 0; looks < 3; looks++) {
    const stat = await readOr(`/proc/${id}/stat`, undefined);
    if (stat !== undefined) return startIn(stat);
    if (!isRunning(id)) return "gone";
  }
  return "running";
}

/** A killed process whose parent does not ask for its end (Z) stays in /proc. */
function startIn(stat: string): string {
  const fields = stat.slice(stat.lastIndexOf(")")).split(" ");
  return fields[1] === "Z" ? "gone" : (fields[20] ?? "running");
}

function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}

async function readOr<T>(path: string, otherwise: T): Promise<string | T> {
  try {
    return (await nodeFs.readFile(path, "utf8")).trim();
  } catch (error) {
    if (["EMFILE", "ENFILE", "ENOMEM"].includes(errorCode(error) ?? "")) throw error;
    return otherwise;
  }
}
