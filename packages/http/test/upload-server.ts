import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Held, Question, Way } from "./children/upload-server.ts";
import { folder } from "./site.ts";

export interface UploadServer {
  held(): Promise<Held>;
  /** Where to upload to; with `old`, the key holds that before. */
  link(way: Way, key: string, old?: string): Promise<string>;
}

/** Gone when the test ends. */
export async function uploadServer(kind: "local" | "memory"): Promise<UploadServer> {
  const program = join(import.meta.dirname, "children", "upload-server.ts");
  const execArgv = ["--conditions=@storage/source", "--expose-gc"];
  const child = fork(program, [kind, folder()], { execArgv });
  onTestFinished(() => void child.kill());
  await once(child, "message");
  let count = 0;
  const waiting = new Map<number, (answer: unknown) => void>();
  child.on("message", ([id, answer]: [number, unknown]) => {
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  const ask = <Answer>(question: Question): Promise<Answer> => {
    const id = count++;
    child.send([id, question]);
    return new Promise((resolve) => waiting.set(id, (answer) => resolve(answer as Answer)));
  };
  return {
    held: () => ask<Held>(null),
    link: (way, key, old) => ask<string>({ way, key, old }),
  };
}
