import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { LocalBackend } from "@storage/local";
import { onTestFinished } from "vitest";
import { folder, secret } from "./site.ts";

export const key = "a.bin";

type Death = "before the commit" | "after the commit";

/** A process that serves one folder, as long as it lives. */
export interface PartsServer {
  /** A link of any process of this folder, at this one. */
  at(link: string): string;
  kill(): Promise<void>;
}

/** A folder that processes serve one after the other, and a backend here to look at it. */
export class ServedFolder {
  readonly backend: LocalBackend;
  readonly basePath: string;

  constructor(basePath: string = folder()) {
    this.basePath = basePath;
    this.backend = new LocalBackend({ basePath, secret });
    onTestFinished(() => this.backend.close());
  }

  async serve(dies?: Death): Promise<PartsServer> {
    const options = { basePath: this.basePath, secret };
    const child: ChildProcess = spawn(
      process.execPath,
      [
        "--conditions=@storage/source",
        join(import.meta.dirname, "children/parts-server.ts"),
        JSON.stringify({ options, key, dies }),
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const gone = once(child, "exit");
    const kill = async (): Promise<void> => {
      child.kill("SIGKILL");
      await gone;
    };
    onTestFinished(kill);
    const [port] = await once(child.stdout?.setEncoding("utf8") ?? child, "data");
    return {
      at: (link) => link.replace("http://localhost:8000", `http://127.0.0.1:${String(port).trim()}`),
      kill,
    };
  }
}
