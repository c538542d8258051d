import { hostname } from "node:os";
import { digestOf } from "./digest.ts";
import type { FileStats } from "./file-system.ts";
import { errorCode } from "./files.ts";
import { nodeFs } from "./node-fs.ts";
import { once } from "./once.ts";

/** With its process namespace: in another container a process number is another one's. */
const ownMachine = once(async () => {
  const parts = await Promise.all([
    readText("/proc/sys/kernel/random/boot_id"),
    nodeFs.promises.readlink("/proc/self/ns/pid").catch(() => ""),
  ]);
  return digestOf([hostname(), ...parts].join("\n"), 12);
});

/** Machine, process and its start, since numbers of processes come again, and what is random once. */
const ownPrefix = once(async () => {
  const parts = [await ownMachine(), process.pid, await startOf(process.pid), crypto.randomUUID().slice(-12)];
  return `${parts.join(".")}-`;
});

let names = 0;

/** A name for a temp file that no other writer has. */
export async function uniqueName(): Promise<string> {
  return (await ownPrefix()) + (names++).toString(36);
}

/** Whether it was made here, and not in another process, thread or copy of this package. */
export async function isOwnName(name: string): Promise<boolean> {
  return name.startsWith(await ownPrefix());
}

/**
 * Whether the process that made this name still runs. Where nobody here can know, since it is on another machine:
 * whether it gave a sign in these milliseconds.
 */
export async function mayBeAlive(name: string, { mtimeMs }: FileStats, within: number): Promise<boolean> {
  const [machine, id, started] = name.split(".");
  if (machine !== (await ownMachine())) return Date.now() - Number(mtimeMs) < within;
  const found = await startOf(Number(id));
  return found === "running" || found === started;
}

/** In clock ticks since the machine started (proc_pid_stat(5)); where /proc does not tell, only whether it runs. */
async function startOf(id: number): Promise<string> {
  // Who is just ending may be neither readable nor gone: at the second look it is.
  for (let looks = 0; looks < 3; looks++) {
    const stat = await readText(`/proc/${id}/stat`);
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

/** Undefined where there is none. */
async function readText(path: string): Promise<string | undefined> {
  try {
    return (await nodeFs.promises.readFile(path, "utf8")).trim();
  } catch (error) {
    if (["EMFILE", "ENFILE", "ENOMEM"].includes(errorCode(error))) throw error;
    return undefined;
  }
}
