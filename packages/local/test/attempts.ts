import { spawn } from "node:child_process";
import type { StorageErrorCode } from "@storage/core";
import { childPath, ended, nodeFlags } from "./spawned-child.ts";

/** One call of a backend in another process. */
export interface Attempt {
  readonly call: string;
  readonly parameters?: readonly unknown[];
  /** The second parameter is a stream of so many bytes. */
  readonly streamOf?: number;
}

/** What it gave, or the error it failed with. */
export interface AttemptEnd {
  readonly value?: unknown;
  readonly code?: StorageErrorCode;
  readonly retryable?: boolean;
  readonly outcome?: string;
  /** The error as it is shown: message, JSON, inspection. */
  readonly text?: string;
  /** An error that is none of ours. */
  readonly stranger?: string;
}

export interface AttemptTerms {
  readonly options: { readonly basePath: string } & Readonly<Record<string, unknown>>;
  readonly calls: readonly Attempt[];
  readonly atOnce?: boolean;
  readonly umask?: number;
  /** User of the process. */
  readonly uid?: number;
  /** A command of the shell that runs before it: "ulimit -n 64". */
  readonly shell?: string;
}

/** How calls end in a process of their own, and how many descriptors that has afterwards. */
export async function attempts(terms: AttemptTerms): Promise<{ ends: AttemptEnd[]; descriptors: number }> {
  const { uid, shell = ":", atOnce = false, ...given } = terms;
  const node = [
    process.execPath,
    ...nodeFlags,
    childPath("attempt.ts"),
    JSON.stringify({ ...given, atOnce }),
  ];
  const identity = uid === undefined ? {} : { uid, gid: uid };
  const child = spawn("sh", ["-c", `${shell} && exec "$@"`, "sh", ...node], {
    ...identity,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { code, output, complaints } = await ended(child);
  if (code !== 0) throw new Error(complaints);
  return JSON.parse(output) as { ends: AttemptEnd[]; descriptors: number };
}

/** The code it failed with, or else what it gave. */
export function brief({ code, value, stranger }: AttemptEnd): unknown {
  return stranger ?? code ?? value;
}
