import { createHash, randomBytes } from "node:crypto";
import * as nodeFs from "node:fs/promises";
import { hostname } from "node:os";

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
  own ??= readIdentity();
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
let ownPrefix: string | undefined;

/** A name for a temp file that no other writer has: numbered, after what is random once a process. */
export async function uniqueName(): Promise<string> {
  ownPrefix ??= await readPrefix();
  return ownPrefix + (names++).toString(36);
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
export async function isAlive(identity: Identity): Promise<boolean | undefined> {
  const { machine } = await ownIdentity();
  if (identity.machine !== machine) return undefined;
  return (await startOf(identity.process)) === identity.started;
}

/** In clock ticks since the machine started (proc_pid_stat(5)); where there is no /proc, only whether it runs. */
async function startOf(id: number): Promise<string> {
  const stat = await readOr(`/proc/${id}/stat`, undefined);
  if (stat !== undefined) return stat.slice(stat.lastIndexOf(")")).split(" ")[20] ?? "0";
  try {
    process.kill(id, 0);
    return "running";
  } catch {
    return "gone";
  }
}

async function readOr<T>(path: string, otherwise: T): Promise<string | T> {
  try {
    return (await nodeFs.readFile(path, "utf8")).trim();
  } catch {
    return otherwise;
  }
}
