import type { StorageBackend } from "@storage/core";
import { ConformanceError } from "./assertions.ts";
import type { ConformanceCase, Subject, World } from "./conformance-case.ts";

/** Makes what a case is tried on, anew for each: an empty backend, or one with what the suite cannot know of it. */
export type Open = () => Subject | StorageBackend | Promise<Subject | StorageBackend>;

/** Undefined for a promise that was kept; `skipped` says why a case does not apply. */
export interface Verdict {
  readonly skipped?: string | undefined;
}

/** Milliseconds that a case may take: a call that never answers breaks its promise, too. */
const longest = 60_000;

/** One case on a backend of its own, which is closed afterwards. Rejects where the promise is broken. */
export async function tryCase({ gates, run }: ConformanceCase, open: Open): Promise<Verdict> {
  const subjects: Subject[] = [];
  const opened = async (): Promise<Subject> => {
    const found = await open();
    const subject = "backend" in found ? found : { backend: found };
    subjects.push(subject);
    return subject;
  };
  try {
    const subject = await opened();
    for (const gate of gates) {
      const skipped = gate(subject);
      if (skipped !== undefined) return { skipped };
    }
    const { forbiddenKey = "" } = subject;
    const another = async (): Promise<Reached> => reached(await opened());
    await inTime(run({ ...reached(subject), forbiddenKey, another }));
    return {};
  } finally {
    for (const { backend, dispose } of subjects) {
      await backend.close({ timeout: 0 });
      await dispose?.();
    }
  }
}

type Reached = Pick<World, "backend" | "fetch">;

function reached({ backend, fetch = (request) => globalThis.fetch(request) }: Subject): Reached {
  return { backend, fetch };
}

async function inTime(running: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const clock = setTimeout(() => late.reject(new ConformanceError(`no end after ${longest} ms`)), longest);
  try {
    await Promise.race([running, late.promise]);
  } finally {
    clearTimeout(clock);
  }
}
