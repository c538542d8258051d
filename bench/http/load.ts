import { Agent, type ClientRequest, get } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import autocannon from "autocannon";

/** One round of load. */
export interface Load {
  /** What was counted: answers, or bytes of their bodies. */
  readonly amount: number;
  readonly seconds: number;
  /** Connections that failed, answers that came too late, and those that are no 2xx. */
  readonly errors: number;
}

const connections = 16;

/** Small answers, one after the other on each connection. */
export async function loadOfAnswers(url: string, seconds: number): Promise<Load> {
  const result = await autocannon({ url, connections, duration: seconds });
  const { errors, non2xx, duration } = result;
  return { amount: result["2xx"], seconds: duration, errors: errors + non2xx };
}

/**
 * Large bodies, counted piece by piece by Node's own client: autocannon reads them with a parser in JavaScript,
 * which is slower than the servers, and does not count those that are on their way when the time is up.
 */
export async function loadOfBytes(url: string, seconds: number): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const underWay = new Set<ClientRequest>();
  let amount = 0;
  let errors = 0;
  let isOver = false;
  const fail = (): void => {
    if (!isOver) errors++;
  };
  const ask = (): void => {
    if (isOver) return;
    const request = get(url, { agent }, (response) => {
      if (response.statusCode !== 200) errors++;
      response.on("data", (piece: Buffer) => {
        amount += piece.length;
      });
      response
        .on("error", fail)
        .on("end", ask)
        .on("close", () => underWay.delete(request));
    });
    underWay.add(request.on("error", fail));
  };
  const begun = performance.now();
  for (let index = 0; index < connections; index++) ask();
  await delay(seconds * 1000);
  const took = (performance.now() - begun) / 1000;
  isOver = true;
  for (const request of underWay) request.destroy();
  agent.destroy();
  return { amount, seconds: took, errors };
}
