import { credentials, type Server } from "./server.ts";
import { freePort } from "./server-processes.ts";
import { goProgramPath } from "./versions.ts";

export const minio: Server = {
  name: "minio",
  isInstalled: () => goProgramPath("minio") !== undefined,
  start: async (processes) => {
    const address = `127.0.0.1:${await freePort()}`;
    const environment = {
      MINIO_ROOT_USER: credentials.accessKeyId,
      MINIO_ROOT_PASSWORD: credentials.secretAccessKey,
      // Its pages would listen on every interface, and its look for a newer version leaves the machine.
      MINIO_BROWSER: "off",
      MINIO_UPDATE: "off",
    };
    const parameters = ["server", `${processes.folder}/data`, "--address", address];
    processes.start(goProgramPath("minio") ?? "minio", parameters, environment);
    await processes.untilAnswering(`http://${address}`);
    return { endpoint: `http://${address}`, ...credentials };
  },
};
