import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../public-packages.ts";
import { endpointVariable, environmentFor } from "../s3-service.ts";
import { minio } from "./minio.ts";
import { radosgw } from "./radosgw.ts";
import type { Server } from "./server.ts";
import { ServerProcesses } from "./server-processes.ts";
import { versitygw } from "./versitygw.ts";

const servers: readonly Server[] = [minio, radosgw, versitygw];

interface RunningServers {
  /** The variables that say where each is. */
  readonly environment: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

/**
 * The second try is for a port that another one took meanwhile, and for versitygw: it keeps what S3 knows of
 * a file in user extended attributes, which a temp folder in memory has since Linux 6.6 only.
 */
async function startServer(server: Server, signal: AbortSignal): Promise<RunningServers> {
  const reports = join(root, ".reports");
  mkdirSync(reports, { recursive: true });
  let failure: unknown;
  for (const parent of [tmpdir(), reports]) {
    const processes = new ServerProcesses(parent, signal);
    const stop = () => processes.stop();
    try {
      return { environment: environmentFor(server.name, await server.start(processes)), stop };
    } catch (error) {
      failure = error;
      await stop();
    }
    if (signal.aborted) break;
  }
  if (!signal.aborted) console.error(`${server.name} did not start: ${failure}`);
  return { environment: {}, stop: async () => {} };
}

export const installedServers = (): readonly Server[] => servers.filter((server) => server.isInstalled());

/**
 * Starts all that are installed, at once; not those that the environment names already. One that does not
 * start is left out, with a word to standard error.
 */
export async function startServers(signal: AbortSignal): Promise<RunningServers> {
  const wanted = installedServers().filter(({ name }) => !process.env[endpointVariable(name)]);
  const running = await Promise.all(wanted.map((server) => startServer(server, signal)));
  return {
    environment: Object.assign({}, ...running.map(({ environment }) => environment)),
    stop: async () => {
      await Promise.all(running.map(({ stop }) => stop()));
    },
  };
}
