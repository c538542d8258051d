// Serves the links of a local folder, and is killed at the rename that commits its one object, where that is asked
// for. Tells its port; `/largest` gives the most memory that it ever held, in KiB.
import nodeFs from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { serveFiles, toNodeHandler } from "@storage/http";
import { LocalBackend, type LocalBackendOptions } from "@storage/local";

const given = JSON.parse(process.argv[2] ?? "{}") as {
  readonly options: LocalBackendOptions;
  readonly key: string;
  readonly dies?: "before the commit" | "after the commit";
};

const die = (): void => {
  process.kill(process.pid, "SIGKILL");
};

const rename = (from: string, to: string, done: (error: Error | null) => void): void => {
  const isCommit = to.endsWith(`/${given.key}`);
  if (isCommit && given.dies === "before the commit") die();
  nodeFs.rename(from, to, (error) => {
    if (isCommit && given.dies === "after the commit") die();
    done(error);
  });
};

const fs = { ...nodeFs, rename } as LocalBackendOptions["fs"];
const backend = new LocalBackend({ ...given.options, fs: given.dies === undefined ? undefined : fs });
const answer = toNodeHandler(serveFiles(backend));
const server = createServer((req, res) => {
  if (req.url === "/largest") res.end(String(process.resourceUsage().maxRSS));
  else answer(req, res);
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
