import { fork } from "node:child_process";
import { once } from "node:events";
import type { ServeTask, Usage } from "../children/serve-files.ts";

/** A server in a process of its own. */
export interface Served extends Disposable {
  /** By key. */
  readonly urls: Readonly<Record<string, string>>;
  usage(): Promise<Usage>;
}

export async function startServer(task: ServeTask): Promise<Served> {
  const child = fork(`${import.meta.dirname}/../children/serve-files.ts`, [JSON.stringify(task)]);
  const heard = async <Answer>(): Promise<Answer> => {
    const [answer] = await once(child, "message");
    return answer;
  };
  const urls = await heard<Served["urls"]>();
  const usage = async (): Promise<Usage> => {
    child.send("usage");
    return await heard<Usage>();
  };
  return { urls, usage, [Symbol.dispose]: () => void child.kill() };
}
