import autocannon, { type Client } from "autocannon";

/** One round of load. */
export interface Load {
  readonly responses: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Connections that failed, answers that came too late, and those that are no 2xx. */
  readonly errors: number;
}

const connections = 16;

/** Seconds that an answer may take: 16 files of 100 MiB are on their way at once. */
const timeout = 60;

/**
 * Counts what came by itself, by its own clock: the generator's figures leave out the files that are on their way
 * when the time is up, which are a good part of all where they are large.
 */
export async function load(url: string, seconds: number): Promise<Load> {
  const counted = { responses: 0, bytes: 0 };
  const setupClient = (client: Client): void => {
    client.on("response", () => counted.responses++);
    client.on("body", (piece) => {
      counted.bytes += piece.length;
    });
  };
  const begun = performance.now();
  const { errors, non2xx } = await autocannon({ url, connections, duration: seconds, timeout, setupClient });
  return { ...counted, seconds: (performance.now() - begun) / 1000, errors: errors + non2xx };
}
