import manifest from "../package.json" with { type: "json" };
import { type Cells, range, table } from "../report/table.ts";
import type { Measured } from "./measure.ts";
import type { Framework } from "./site.ts";

const intro = `Signed links of a \`LocalBackend\` against each framework's own middleware for files: the same file on the same
disk, in server processes of their own with the same settings, asked by 16 connections. The two sides of a row
take turns of 2 seconds; figures are medians of the ratios to the framework's own of the same round, and the
spread is the lowest and the highest of them. CPU is of all threads of the server, per answer or byte: it shows
what the rate hides where whoever asks is the slower one.`;

const notes = `- Theirs looks at no signature, keeps no types or metadata, and is asked for a plain path.
- Files stand on tmpfs, so that no disk is measured. None is in a cache of a server: each answer opens and reads.
- The load comes from the process that writes this: small files are asked for by \`autocannon\`, large ones by Node's
  own client, which keeps up with the servers. Of large files what came is counted piece by piece, and each round
  ends by breaking off those that are on their way.
- RSS is of the server's process after the first third of the rounds, and after the last. Under load V8 widens its
  young generation once, by some 50 MiB; over a minute the memory then stays as it is.
- Errors are of both sides: connections that failed, answers that came too late, and those that are no 2xx.`;

const packages: Readonly<Record<Framework, keyof typeof manifest.devDependencies>> = {
  express: "express",
  fastify: "@fastify/static",
  hono: "@hono/node-server",
};
const middleware: Readonly<Record<Framework, string>> = {
  express: "express.static",
  fastify: "@fastify/static",
  hono: "serveStatic",
};

const head = [
  "against",
  "theirs",
  "ours",
  "to theirs",
  "spread",
  "CPU",
  "RSS theirs",
  "RSS ours",
  "errors",
  "target",
];

/** What `pageText` writes, beside its table. */
export const httpPage = { title: "Bench of HTTP", command: "bench:http", intro, notes };

export function httpTable(title: string, rows: readonly Measured[]): string {
  return table(title, head, rows.map(cells));
}

function cells({ framework, asked, rates, rate, cpu, rss, errors }: Measured): Cells {
  const { unit, target } = asked;
  const rateText = (value: number): string =>
    unit === "responses" ? `${value.toFixed(0)}/s` : `${(value / 2 ** 20).toFixed(0)} MiB/s`;
  const rssText = (values: readonly number[]): string =>
    `${values.map((bytes) => (bytes / 2 ** 20).toFixed(0)).join(" to ")} MiB`;
  return [
    `${middleware[framework]} (${packages[framework]} ${manifest.devDependencies[packages[framework]]})`,
    rateText(rates.theirs),
    rateText(rates.ours),
    rate.figure.toFixed(2),
    range(rate.spread, 2),
    cpu.figure.toFixed(2),
    rssText(rss.theirs),
    rssText(rss.ours),
    String(errors),
    `${rate.figure >= target && errors === 0 ? "met" : "missed"} (at least ${target}, no errors)`,
  ];
}
