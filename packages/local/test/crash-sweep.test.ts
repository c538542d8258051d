import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, lutimes, mkdir, symlink, unlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { LocalBackend } from "@storage/local";
import { describe, expect, onTestFinished, test } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import { attempts } from "./attempts.ts";
import { ownFiles } from "./own-files.ts";
import { shown } from "./shown.ts";
import { childPath, ended, nodeFlags, runChildren, startChild } from "./spawned-child.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const secret = "a secret of this test";

/** Milliseconds, of a file that nobody touched for long. */
const day = 24 * 60 * 60 * 1000;

async function said(child: ChildProcess, word: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.stdout?.on("data", (text: unknown) => String(text).includes(word) && resolve());
  child.once("close", () => reject(new Error("the child ended early")));
  await promise;
}

/** A writer in a process of its own, in the middle of two puts. */
async function liveWriter(basePath: string): Promise<ChildProcess> {
  const child = startChild("live-writer.ts", [basePath], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await said(child, "begun");
  return child;
}

describe("what a live writer holds stays", { timeout: 60_000 }, () => {
  test("when another backend of its process starts and sweeps", async () => {
    const basePath = await temporaryFolder();
    const writer = new LocalBackend({ basePath, secret });
    const { promise: asked, resolve: go } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    async function* slowly(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(600_000);
      begin();
      await asked;
    }
    const put = writer.put("slow", slowly(), { metadata: { of: "slow" } });
    await begun;
    const other = new LocalBackend({ basePath, secret });
    expect(await other.exists("slow")).toBe(false);
    expect(await other.sweep({ olderThan: 0 })).toEqual({ removed: 0 });
    expect(await writer.sweep({ olderThan: 0 })).toEqual({ removed: 0 });
    go();
    await put;
    expect((await other.getMetadata("slow")).metadata).toEqual({ of: "slow" });
  });

  test("when a thread of its process sweeps", async () => {
    const basePath = await temporaryFolder();
    const worker = new Worker(childPath("thread-writer.ts"), {
      workerData: basePath,
      execArgv: [...nodeFlags],
    });
    onTestFinished(async () => void (await worker.terminate()));
    const messages: unknown[] = [];
    worker.on("message", (message) => messages.push(message));
    while (!messages.includes("begun")) await delay(10);
    const backend = new LocalBackend({ basePath, secret });
    expect(await backend.sweep({ olderThan: 0 })).toEqual({ removed: 0 });
    worker.postMessage("go");
    while (!messages.includes("stored")) await delay(10);
    expect((await backend.getMetadata("slow")).metadata).toEqual({ of: "slow" });
  });

  test("when another process starts and sweeps", async () => {
    const basePath = await temporaryFolder();
    const child = await liveWriter(basePath);
    expect(await runChildren("sweeper.ts", [[basePath], [basePath]])).toEqual(["0\n", "0\n"]);
    expect(await ownFiles(basePath, "tmp")).toHaveLength(2);
    child.stdin?.end();
    expect((await ended(child)).code).toBe(0);
    const backend = new LocalBackend({ basePath, secret });
    for (const key of ["slow", "new"]) expect((await backend.getMetadata(key)).metadata).toEqual({ of: key });
  });

  test("with its sidecar, when another process sweeps while it waits for a lock", async () => {
    const basePath = await temporaryFolder();
    await mkdir(join(basePath, ".storage/lock"), { recursive: true });
    const digest = createHash("sha256").update("key").digest("hex").slice(0, 40);
    const lock = join(basePath, ".storage/lock", digest);
    await symlink("0123456789ab.4711.123456.0123456789ab-0", lock);
    const beating = setInterval(() => void lutimes(lock, Date.now() / 1000, Date.now() / 1000), 300);
    onTestFinished(() => clearInterval(beating));
    const call = { call: "put", parameters: ["key", "body", { metadata: { of: "new" }, ifNoneMatch: "*" }] };
    const putting = attempts({ options: { basePath }, calls: [call] });
    while ((await ownFiles(basePath, "meta")).length === 0) await delay(10);
    await delay(100);
    expect(await runChildren("sweeper.ts", [[basePath]])).toEqual(["0\n"]);
    clearInterval(beating);
    await unlink(lock);
    expect((await putting).ends).toMatchObject([{ value: { size: 4 } }]);
    const backend = new LocalBackend({ basePath, secret });
    expect(await shown(backend, "key")).toMatchObject({ body: "body", metadata: { of: "new" } });
  });

  test.skipIf(!available("second-uid") || !available("tmpfs"))(
    "when a user sweeps who may not see the writer's process",
    async () => {
      const basePath = await temporaryFolder();
      await chmod(basePath, 0o777);
      const child = await liveWriter(basePath);
      await chmod(join(basePath, ".storage/tmp"), 0o777);
      const command =
        'mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"';
      const node = [process.execPath, ...nodeFlags, childPath("sweeper.ts"), basePath, "60000"];
      const sweeper = spawn("unshare", ["--mount", "sh", "-c", command, "sh", ...node]);
      expect(await ended(sweeper)).toMatchObject({ output: "0\n", code: 0 });
      expect(await ownFiles(basePath, "tmp")).toHaveLength(2);
      child.kill("SIGKILL");
      await ended(child);
    },
  );
});

describe("what a dead writer left goes", { timeout: 60_000 }, () => {
  test("also when nobody has asked for its exit code", async () => {
    const basePath = await temporaryFolder();
    // The shell becomes a program that never waits for its child.
    const node = [process.execPath, ...nodeFlags, childPath("live-writer.ts"), basePath];
    const shell = spawn("sh", ["-c", '"$@" <&3 3<&- & echo $!; exec sleep 60', "sh", ...node], {
      stdio: ["ignore", "pipe", "inherit", "pipe"],
    });
    onTestFinished(() => void shell.kill("SIGKILL"));
    let output = "";
    shell.stdout?.on("data", (text: unknown) => {
      output += String(text);
    });
    while (!output.includes("begun")) await delay(10);
    process.kill(Number.parseInt(output, 10), "SIGKILL");
    await delay(50);
    const backend = new LocalBackend({ basePath, secret });
    await backend.sweep({ olderThan: 0 });
    expect(await ownFiles(basePath)).toEqual([]);
  });

  test("as soon as a backend starts, and is counted by a sweep", async () => {
    const basePath = await temporaryFolder();
    const child = await liveWriter(basePath);
    const witness = new LocalBackend({ basePath, secret });
    await witness.put("kept", "kept", { metadata: { of: "kept" } });
    child.kill("SIGKILL");
    await ended(child);
    const left = await ownFiles(basePath);
    expect(left).toHaveLength(3);
    expect(await witness.sweep()).toEqual({ removed: 2 });
    expect(await shown(witness, "kept")).toMatchObject({ metadata: { of: "kept" } });
    expect(await ownFiles(basePath)).toHaveLength(1);

    const second = await liveWriter(basePath);
    second.kill("SIGKILL");
    await ended(second);
    expect(await ownFiles(basePath, "tmp")).toHaveLength(2);
    await new LocalBackend({ basePath, secret }).exists("key");
    expect(await ownFiles(basePath, "tmp")).toEqual([]);
  });

  test("even with a sidecar that was half written", async () => {
    const basePath = await temporaryFolder();
    const backend = new LocalBackend({ basePath, secret });
    await backend.put("kept", "kept", { metadata: { of: "kept" } });
    await mkdir(join(basePath, ".storage/meta/ab"), { recursive: true });
    await writeFile(join(basePath, ".storage/meta/ab/abcdef.1.1"), '{"key":"of');
    await writeFile(join(basePath, ".storage/meta/ab/abcdee.1.1"), "");
    expect(await backend.sweep({ olderThan: 0 })).toEqual({ removed: 2 });
    expect(await ownFiles(basePath)).toHaveLength(1);
  });
});

describe("what a writer on another machine may hold", () => {
  const foreign = "0123456789ab.4711.123456.0123456789ab-0";

  async function withForeignFiles(age: number): Promise<{ basePath: string; backend: LocalBackend }> {
    const basePath = await temporaryFolder();
    const backend = new LocalBackend({ basePath, secret });
    await backend.put("key", "1");
    const time = (Date.now() - age) / 1000;
    for (const name of [foreign, "by-somebody-else"]) {
      await writeFile(join(basePath, ".storage/tmp", name), "half");
      await utimes(join(basePath, ".storage/tmp", name), time, time);
    }
    await symlink(foreign, join(basePath, ".storage/lock/0123"));
    await lutimes(join(basePath, ".storage/lock/0123"), time, time);
    return { basePath, backend };
  }

  test("goes when it is older than the sweep says, and stays when it is younger", async () => {
    const { basePath, backend } = await withForeignFiles(10 * 60_000);
    expect(await backend.sweep()).toEqual({ removed: 0 });
    expect(await backend.sweep({ olderThan: 11 * 60_000 })).toEqual({ removed: 0 });
    expect(await backend.sweep({ olderThan: 9 * 60_000 })).toEqual({ removed: 3 });
    expect(await ownFiles(basePath)).toEqual([]);
  });

  test("stays for a day when a backend starts", async () => {
    const young = await withForeignFiles(day - 60_000);
    await new LocalBackend({ basePath: young.basePath, secret }).exists("key");
    expect(await ownFiles(young.basePath)).toHaveLength(3);
    const old = await withForeignFiles(day + 60_000);
    await new LocalBackend({ basePath: old.basePath, secret }).exists("key");
    expect(await ownFiles(old.basePath, "tmp")).toEqual([]);
  });
});
