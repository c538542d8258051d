import { type Figures, figuresOf } from "../measure.ts";
import { type Load, loadOfAnswers, loadOfBytes } from "./load.ts";
import { type Served, startServer } from "./server.ts";
import type { Framework, Side } from "./site.ts";

/** A file that is asked for. */
export interface Asked {
  readonly key: string;
  /** What is counted of the answers. */
  readonly unit: "responses" | "bytes";
  /** Of the framework's own figure. */
  readonly target: number;
}

interface Sided<Value> {
  readonly theirs: Value;
  readonly ours: Value;
}

/** Ratios are of ours to theirs. */
export interface Measured {
  readonly framework: Framework;
  readonly asked: Asked;
  /** Units in a second: the median of the rounds. */
  readonly rates: Sided<number>;
  readonly rate: Figures;
  /** Of all threads of the server, per unit. */
  readonly cpu: Figures;
  /** Bytes: after the first third of the rounds, and after the last. */
  readonly rss: Sided<readonly [early: number, late: number]>;
  readonly errors: number;
}

interface Round extends Pick<Load, "errors"> {
  readonly rate: number;
  readonly cpu: number;
  readonly rss: number;
}

/** Seconds. */
const roundTakes = 2;

/** Both sides take turns, and every other round goes backwards: what the machine does meanwhile meets both alike. */
export async function measureFramework(
  framework: Framework,
  folder: string,
  files: readonly Asked[],
  seconds: number,
): Promise<Measured[]> {
  const keys = files.map(({ key }) => key);
  using theirs = await startServer({ framework, side: "theirs", folder, keys });
  using ours = await startServer({ framework, side: "ours", folder, keys });
  const found: Measured[] = [];
  for (const asked of files) found.push(await measureFile({ theirs, ours }, { framework, asked, seconds }));
  return found;
}

async function measureFile(
  servers: Sided<Served>,
  { framework, asked, seconds }: { framework: Framework; asked: Asked; seconds: number },
): Promise<Measured> {
  const rounds: Record<Side, Round[]> = { theirs: [], ours: [] };
  const sides: readonly Side[] = ["theirs", "ours"];
  for (const side of sides) await round(servers[side], asked);
  for (let turn = 0; turn < Math.max(3, seconds / roundTakes); turn++) {
    for (const side of turn % 2 === 0 ? sides : sides.toReversed())
      rounds[side].push(await round(servers[side], asked));
  }
  const ratios = (of: "rate" | "cpu"): Figures =>
    figuresOf(rounds.ours.map((own, turn) => own[of] / (rounds.theirs[turn]?.[of] ?? Number.NaN)));
  const both = <Value>(of: (own: readonly Round[]) => Value): Sided<Value> => ({
    theirs: of(rounds.theirs),
    ours: of(rounds.ours),
  });
  return {
    framework,
    asked,
    rates: both((own) => figuresOf(own.map(({ rate }) => rate)).figure),
    rate: ratios("rate"),
    cpu: ratios("cpu"),
    rss: both((own) => [own[Math.floor(own.length / 3)]?.rss ?? 0, own.at(-1)?.rss ?? 0]),
    errors: [...rounds.theirs, ...rounds.ours].reduce((sum, { errors }) => sum + errors, 0),
  };
}

async function round(server: Served, { key, unit }: Asked): Promise<Round> {
  const load = unit === "responses" ? loadOfAnswers : loadOfBytes;
  const before = await server.usage();
  const { amount, seconds, errors } = await load(server.urls[key] ?? "", roundTakes);
  const { cpu, rss } = await server.usage();
  return { errors, rate: amount / seconds, cpu: (cpu - before.cpu) / amount, rss };
}
