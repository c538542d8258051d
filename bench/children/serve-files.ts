// One server, of one framework and one of its sides, in a process that does nothing else. Asked by a message, it
// says what it took so far.
import { type Framework, openBackend, pathOf, type Side, type Site, type Start } from "../http/site.ts";
import { taskOf } from "../task.ts";

export interface ServeTask {
  readonly framework: Framework;
  readonly side: Side;
  /** Where the files are. */
  readonly folder: string;
  readonly keys: readonly string[];
}

export interface Usage {
  /** Bytes. */
  readonly rss: number;
  /** Microseconds of all threads. */
  readonly cpu: number;
}

/** A process loads the one that it serves with. */
const starts: Readonly<Record<Framework, () => Promise<{ readonly start: Start }>>> = {
  express: () => import("../http/express.ts"),
  fastify: () => import("../http/fastify.ts"),
  hono: () => import("../http/hono.ts"),
};

const { framework, side, folder, keys } = taskOf<ServeTask>();
const site: Site = { side, folder, backend: openBackend(folder) };
const { start } = await starts[framework]();
const server = await start(site);
const address = server.address();
const port = typeof address === "object" ? address?.port : undefined;
const urls = keys.map(async (key) => [key, `http://127.0.0.1:${port}${await pathOf(site, key)}`]);
process.on("message", () => process.send?.(usage()));
process.send?.(Object.fromEntries(await Promise.all(urls)));

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { rss: process.memoryUsage.rss(), cpu: user + system };
}
