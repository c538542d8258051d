// One stream through one store: what this process held at most. It loads nothing but that store.
import { readFileSync } from "node:fs";
import { drain, large, mebibyte } from "../bodies.ts";
import { type PeakKind, peakStores } from "../peak-stores.ts";
import type { Place } from "../store.ts";
import { answer, taskOf } from "../task.ts";

export interface PeakTask {
  readonly kind: PeakKind;
  readonly store: string;
  readonly work: "put" | "get";
  readonly place: Place;
  readonly mebibytes: number;
}

const { kind, store, work, place, mebibytes } = taskOf<PeakTask>();
const streams = (await peakStores[kind].open(store, place))?.streams;
if (work === "put") await streams?.put("put", large(mebibytes), mebibytes * mebibyte);
const body = work === "get" ? await streams?.get?.("large") : undefined;
if (body !== undefined) await drain(body, mebibytes);
const isDone = work === "put" ? streams !== undefined : body !== undefined;
answer(isDone ? peakMebibytes() : null);

/** `maxRSS` of getrusage would do, but it begins with what the parent held when it started us (proc_pid_status(5)). */
function peakMebibytes(): number {
  const kibibytes = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return kibibytes === undefined ? process.resourceUsage().maxRSS / 1024 : Number(kibibytes) / 1024;
}
