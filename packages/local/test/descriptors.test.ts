import { join } from "node:path";
import { LocalBackend } from "@storage/local";
import { describe, expect, test } from "vitest";
import { uniqueName } from "../src/identity.ts";
import { type Attempt, type AttemptEnd, attempts, brief } from "./attempts.ts";
import { ownFiles } from "./own-files.ts";
import { shown } from "./shown.ts";
import { runChildren } from "./spawned-child.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const secret = "a secret of this test";
const count = 200;

/** One of many calls: what it is about, and what is there when it succeeded, or failed. */
interface Case {
  readonly attempt: Attempt;
  /** The body, which is the metadata too; undefined for no object. */
  readonly done: Readonly<Record<string, string | undefined>>;
  readonly failed: Readonly<Record<string, string | undefined>>;
}

function caseOf(index: number): Case {
  const key = `folder-${index % 7}/key-${index}`;
  const body = `new ${index}`;
  const old = { [key]: `old ${index}` };
  const options = { metadata: { of: body } };
  const reading = { done: old, failed: old };
  const kinds: readonly Case[] = [
    {
      attempt: { call: "put", parameters: [key, body, options] },
      done: { [key]: body },
      failed: old,
    },
    {
      attempt: { call: "put", parameters: [`new/${key}`, body, { ...options, ifNoneMatch: "*" }] },
      done: { [`new/${key}`]: body },
      failed: { [`new/${key}`]: undefined },
    },
    {
      attempt: { call: "copy", parameters: [key, `copy/${key}`] },
      done: { ...old, [`copy/${key}`]: `old ${index}` },
      failed: { ...old, [`copy/${key}`]: undefined },
    },
    {
      attempt: { call: "move", parameters: [key, `moved/${key}`] },
      done: { [key]: undefined, [`moved/${key}`]: `old ${index}` },
      failed: { ...old, [`moved/${key}`]: undefined },
    },
    {
      attempt: { call: "put", parameters: [key], streamOf: 600_000 },
      done: {},
      failed: old,
    },
    { attempt: { call: "delete", parameters: [key] }, done: { [key]: undefined }, failed: old },
    { attempt: { call: "get", parameters: [key] }, ...reading },
    { attempt: { call: "exists", parameters: [key] }, ...reading },
    { attempt: { call: "listKeys" }, ...reading },
  ];
  return kinds[index % kinds.length] ?? { attempt: { call: "listKeys" }, ...reading };
}

interface Crowd {
  readonly basePath: string;
  readonly cases: readonly Case[];
  readonly ends: readonly AttemptEnd[];
  readonly descriptors: number;
}

async function crowd(maxAttempts: number): Promise<Crowd> {
  const basePath = join(await temporaryFolder(), "base");
  const backend = new LocalBackend({ basePath, secret, durability: "none" });
  const cases = Array.from({ length: count }, (_, index) => caseOf(index));
  for (const { failed } of cases) {
    for (const [key, body] of Object.entries(failed)) {
      if (body !== undefined) await backend.put(key, body, { metadata: { of: body } });
    }
  }
  const calls = cases.map(({ attempt }) => attempt);
  const options = { basePath, maxAttempts, maxConcurrency: 200 };
  const { ends, descriptors } = await attempts({ options, calls, atOnce: true, shell: "ulimit -n 64" });
  return { basePath, cases, ends, descriptors };
}

/** Every object old or new, as its call said; nothing torn, nothing left over. */
async function check({ basePath, cases, ends, descriptors }: Crowd): Promise<void> {
  const backend = new LocalBackend({ basePath, secret });
  for (const [index, { attempt, done, failed }] of cases.entries()) {
    const end = ends[index] ?? {};
    expect(end.stranger).toBeUndefined();
    if (end.code !== undefined) {
      expect(end).toMatchObject({ code: "Unavailable", outcome: "not-applied", retryable: true });
      expect(end.text).not.toContain(basePath);
    } else if (attempt.call === "exists") expect(end.value).toBe(true);
    else if (attempt.call === "get") expect(end.value).toBe(`old ${index}`);
    for (const [key, body] of Object.entries(end.code === undefined ? done : failed)) {
      const found = await shown(backend, key);
      expect([key, found?.body, found?.metadata.of]).toEqual([key, body, body]);
    }
  }
  expect((await ownFiles(basePath)).filter((name) => !name.startsWith("meta/"))).toEqual([]);
  expect(await backend.sweep({ olderThan: 0 })).toEqual({ removed: 0 });
  expect(descriptors).toBeLessThan(40);
}

describe("200 calls at once with 64 descriptors", { timeout: 60_000 }, () => {
  test("fail as Unavailable when they are not tried again, and change nothing then", async () => {
    const all = await crowd(1);
    await check(all);
    expect(all.ends.filter(({ code }) => code === "Unavailable").length).toBeGreaterThan(10);
  });

  test("are tried again", async () => {
    const all = await crowd(10);
    await check(all);
    expect(all.ends.filter(({ code }) => code === undefined).length).toBeGreaterThan(count / 2);
  });

  test("succeed with a maxConcurrency that fits", async () => {
    const basePath = join(await temporaryFolder(), "base");
    const calls = Array.from({ length: count }, (_, index): Attempt => {
      return { call: "put", parameters: [`key-${index}`, "body", { metadata: { of: index } }] };
    });
    const options = { basePath, maxConcurrency: 8 };
    const { ends } = await attempts({ options, calls, atOnce: true, shell: "ulimit -n 64" });
    expect(ends.map(brief).filter((end) => typeof end === "string")).toEqual([]);
  });
});

test("a process that had no descriptor at its start is known to others all the same", {
  timeout: 60_000,
}, async () => {
  const basePath = await temporaryFolder();
  await new LocalBackend({ basePath, secret }).put("key", "old");
  const [output = "{}"] = await runChildren("exhausted.ts", [[basePath]]);
  const { failures, names } = JSON.parse(output) as { readonly failures: unknown; readonly names: string[] };
  expect(failures).toEqual(["Unavailable", "Unavailable", "Unavailable"]);
  const [machine] = (await uniqueName()).split(".");
  expect(names.map((name) => name.split(".")[0])).toEqual([machine]);
  expect(names[0]?.split(".")[2]).toMatch(/^\d+$/);
});
