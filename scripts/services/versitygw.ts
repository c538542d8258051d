import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../public-packages.ts";
import { credentials, type Server } from "./server.ts";
import { freePort, type ServerProcesses } from "./server-processes.ts";
import { goProgramPath } from "./versions.ts";

async function startIn(parent: string, processes: ServerProcesses): Promise<string> {
  const address = `127.0.0.1:${await freePort()}`;
  const folder = processes.makeFolder(parent);
  const data = join(folder, "data");
  mkdirSync(data);
  const environment = {
    ROOT_ACCESS_KEY: credentials.accessKeyId,
    ROOT_SECRET_KEY: credentials.secretAccessKey,
  };
  const parameters = ["--port", address, "posix", data];
  processes.start(goProgramPath("versitygw") ?? "versitygw", parameters, environment, folder);
  await processes.untilAnswering(`http://${address}`);
  return `http://${address}`;
}

export const versitygw: Server = {
  name: "versitygw",
  isInstalled: () => goProgramPath("versitygw") !== undefined,
  // It keeps what S3 knows of a file in user extended attributes, which not every file system has: tmpfs
  // has them since Linux 6.6.
  start: async (processes) => {
    const reports = join(root, ".reports");
    mkdirSync(reports, { recursive: true });
    const endpoint = await startIn(tmpdir(), processes).catch(async () => {
      await processes.stop();
      return startIn(reports, processes);
    });
    return { endpoint, ...credentials };
  },
};
