import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { credentials, type Server } from "./server.ts";
import { freePort } from "./server-processes.ts";
import { goProgramPath } from "./versions.ts";

export const versitygw: Server = {
  name: "versitygw",
  isInstalled: () => goProgramPath("versitygw") !== undefined,
  start: async (processes) => {
    const address = `127.0.0.1:${await freePort()}`;
    const data = join(processes.folder, "data");
    mkdirSync(data);
    const environment = {
      ROOT_ACCESS_KEY: credentials.accessKeyId,
      ROOT_SECRET_KEY: credentials.secretAccessKey,
    };
    const parameters = ["--port", address, "posix", data];
    processes.start(goProgramPath("versitygw") ?? "versitygw", parameters, environment);
    await processes.untilAnswering(`http://${address}`);
    return { endpoint: `http://${address}`, ...credentials };
  },
};
