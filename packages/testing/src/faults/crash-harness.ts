import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { type CountedCall, crashHookUrl, type KillMoment } from "./crash-hook.ts";
import { type ScriptEnd, type ScriptOptions, scriptCommand, scriptEnd } from "./run-script.ts";

/** Where a process was killed. */
export interface Kill {
  /** The nth call of those that can change something on the disk, from 1. */
  readonly call: number;
  /** Of the call: "rename", "FileHandle.write". */
  readonly name: string;
  readonly when: KillMoment;
}

export interface CrashTerms<Found> extends Omit<ScriptOptions, "parameters"> {
  /** A Node program that does, inside of `killable`, what shall be killed. */
  readonly script: string | URL;
  /** Makes what one run starts from, such as a folder with an object, and gives the script's parameters. */
  readonly prepare: () => Promise<readonly string[]>;
  /**
   * Looks at what one run left; rejects where that is wrong. `kill` is undefined after the run that nobody killed.
   * It also removes what `prepare` made.
   */
  readonly check: (parameters: readonly string[], kill: Kill | undefined) => Promise<Found>;
  /** Processes at once. Default: 4. */
  readonly concurrency?: number | undefined;
}

/** What a killed run left, as `check` tells. */
export interface KilledRun<Found> {
  readonly kill: Kill;
  readonly found: Found;
}

export interface CrashReport<Found> {
  /** What the run left that nobody killed. */
  readonly whole: Found;
  /** In the order of the kills. */
  readonly kills: readonly KilledRun<Found>[];
}

/**
 * Runs a script once to count the calls by which it changes something on the disk, then once more for each of them
 * and each moment: it is killed by SIGKILL before the call, when half of what it writes is written, and after it; save
 * for kills that leave what another one leaves. Calls through `node:fs` and `node:fs/promises` are counted, in the
 * script's main thread; `cp` and a recursive `rm` are one call each.
 *
 * Rejects at the earliest kill whose `check` rejects, with that as `cause`; and where the script itself fails or makes no
 * call, or makes others from run to run.
 */
export async function crashAtEveryCall<Found>(terms: CrashTerms<Found>): Promise<CrashReport<Found>> {
  const parameters = await terms.prepare();
  const { end, calls } = await run(terms, parameters, undefined);
  if (end.code !== 0) throw new Error(`the script failed: ${end.complaints}`);
  if (calls.length === 0) throw new Error("the script changed nothing on the disk inside of killable");
  const whole = await checked(terms, parameters, undefined);
  return { whole, kills: await killedAtEach(terms, killsOf(calls)) };
}

async function killedAtEach<Found>(
  terms: CrashTerms<Found>,
  kills: readonly Kill[],
): Promise<KilledRun<Found>[]> {
  const runs: KilledRun<Found>[] = [];
  const failures: { readonly index: number; readonly error: unknown }[] = [];
  const left = kills.entries();
  const worker = async (): Promise<void> => {
    for (const [index, kill] of left) {
      if (failures.length > 0) return;
      try {
        runs[index] = { kill, found: await killedAt(terms, kill) };
      } catch (error) {
        failures.push({ index, error });
      }
    }
  };
  await Promise.all(Array.from({ length: terms.concurrency ?? 4 }, worker));
  // They are begun in order: no earlier failure is unknown.
  const [first] = failures.sort((one, other) => one.index - other.index);
  if (first !== undefined) throw first.error;
  return runs;
}

function killsOf(calls: readonly CountedCall[]): Kill[] {
  return calls.flatMap(({ name, isAlone, isDivisible }, index) => {
    const moments: KillMoment[] = ["after"];
    if (isDivisible) moments.unshift("midway");
    if (!isAlone || index === 0) moments.unshift("before");
    return moments.map((when) => ({ call: index + 1, name, when }));
  });
}

async function killedAt<Found>(terms: CrashTerms<Found>, kill: Kill): Promise<Found> {
  const parameters = await terms.prepare();
  const { end } = await run(terms, parameters, kill);
  if (end.signal === "SIGKILL") return await checked(terms, parameters, kill);
  const why = end.code === 0 ? "it made fewer calls than the first time" : end.complaints || end.signal;
  throw new Error(`the script was not killed ${kill.when} call ${kill.call} (${kill.name}): ${why}`);
}

async function checked<Found>(
  { check }: CrashTerms<Found>,
  parameters: readonly string[],
  kill: Kill | undefined,
): Promise<Found> {
  try {
    return await check(parameters, kill);
  } catch (cause) {
    const where =
      kill === undefined ? "not killed at all" : `killed ${kill.when} call ${kill.call} (${kill.name})`;
    throw new Error(`What is left of a script that was ${where} is wrong: ${String(cause)}`, { cause });
  }
}

async function run<Found>(
  { script, nodeParameters = [], env, timeout = 60_000 }: CrashTerms<Found>,
  parameters: readonly string[],
  kill: Kill | undefined,
): Promise<{ end: ScriptEnd; calls: readonly CountedCall[] }> {
  const hook = crashHookUrl(kill?.call ?? 0, kill?.when ?? "after");
  const [program = "", ...all] = scriptCommand(script, {
    nodeParameters: ["--import", hook, ...nodeParameters],
    parameters,
  });
  const child = spawn(program, all, {
    env: { ...process.env, ...env },
    timeout,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const reporting = text(child.stdio[3] as Readable);
  const end = await scriptEnd(child);
  const report = await reporting;
  return { end, calls: report === "" ? [] : (JSON.parse(report) as CountedCall[]) };
}
