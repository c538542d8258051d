import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { folder } from "./site.ts";

export interface CurlAnswer {
  /** curl's own: 0 also for an answer that is an error of HTTP. */
  readonly exitCode: number | null;
  readonly status: number;
  /** Names in lower case, of the last answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** What `--write-out` was asked for beside it. */
  readonly written: string;
}

interface CurlOptions {
  /** A file to write, or to go on with. Default: one of its own. */
  readonly output?: string | undefined;
  readonly input?: Uint8Array | undefined;
  readonly write?: string | undefined;
}

/** One request, exactly as the curl on the PATH makes it. */
export async function curl(
  parameters: readonly string[],
  { output = join(folder(), "body"), input = new Uint8Array(), write = "" }: CurlOptions = {},
): Promise<CurlAnswer> {
  const heads = join(folder(), "heads");
  const always = ["-q", "-sS", "-g", "-D", heads, "-o", output, "-w", `%{http_code} ${write}`];
  const child = spawn("curl", [...always, ...parameters], { stdio: ["pipe", "pipe", "ignore"] });
  // A server that refuses an upload leaves its input unread.
  child.stdin.on("error", () => {}).end(input);
  const ended = new Promise<number | null>((resolve, reject) =>
    child.on("error", reject).on("close", resolve),
  );
  const [said, exitCode] = await Promise.all([text(child.stdout), ended]);
  const [status = "", ...written] = said.split(" ");
  const head = (await readFile(heads, "latin1").catch(() => "")).trimEnd().split("\r\n\r\n").at(-1) ?? "";
  const body = await readFile(output).catch(() => Buffer.alloc(0));
  return { exitCode, status: Number(status), headers: headersOf(head), body, written: written.join(" ") };
}

function headersOf(head: string): Record<string, string> {
  const [, ...lines] = head.split("\r\n");
  const fields = lines.map((line) => line.split(/: ?(.*)/s));
  return Object.fromEntries(fields.map(([name = "", value = ""]) => [name.toLowerCase(), value]));
}
