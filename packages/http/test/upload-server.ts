import { fork } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";
import type { Held, Question } from "./serve-uploads.ts";
import { folder } from "./site.ts";

export interface UploadServer {
  held(): Promise<Held>;
  /** Where to upload to. */
  link(question: NonNullable<Question>): Promise<string>;
}

/** `program` calls `serveUploads`. Gone when the test ends. */
export async function uploadServer(kind: "local" | "memory", program: string): Promise<UploadServer> {
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
    link: (question) => ask<string>(question),
  };
}
