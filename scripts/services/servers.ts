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

async function startServer(server: Server, signal: AbortSignal): Promise<RunningServers> {
  const processes = new ServerProcesses(signal);
  const stop = () => processes.stop();
  try {
    return { environment: environmentFor(server.name, await server.start(processes)), stop };
  } catch (error) {
    await stop();
    if (!signal.aborted) console.error(`${server.name} did not start: ${error}`);
    return { environment: {}, stop };
  }
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
