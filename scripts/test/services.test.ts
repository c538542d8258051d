import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createHash, createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { root } from "../public-packages.ts";
import { available } from "../requirements.ts";
import { endpointVariable, type S3Service, s3Service, s3ServiceNames } from "../s3-service.ts";
import { installedServers } from "../services/servers.ts";
import { goPrograms } from "../services/versions.ts";

const hmac = (key: string | Buffer, data: string): Buffer => createHmac("sha256", key).update(data).digest();

/** Lists the buckets by a presigned link, made of nothing but Signature Version 4's own description. */
function listBuckets({ endpoint, accessKeyId, secretAccessKey, region }: S3Service): Promise<Response> {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = [time.slice(0, 8), region, "s3", "aws4_request"];
  const query = new URLSearchParams({
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": [accessKeyId, ...scope].join("/"),
    "X-Amz-Date": time,
    "X-Amz-Expires": "60",
    "X-Amz-SignedHeaders": "host",
  });
  const request = ["GET", "/", query, `host:${new URL(endpoint).host}`, "", "host", "UNSIGNED-PAYLOAD"];
  const digest = createHash("sha256").update(request.join("\n")).digest("hex");
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  const signature = hmac(key, ["AWS4-HMAC-SHA256", time, scope.join("/"), digest].join("\n"));
  return fetch(`${endpoint}/?${query}&X-Amz-Signature=${signature.toString("hex")}`);
}

for (const name of ["minio", "radosgw", "versitygw"] as const) {
  describe.skipIf(!available(name))(name, () => {
    test("its credentials list its buckets, and a wrong secret does not", async () => {
      const service = s3Service(name);
      const listed = await listBuckets(service);
      expect([listed.status, await listed.text()]).toEqual([
        200,
        expect.stringContaining("ListAllMyBucketsResult"),
      ]);
      const refused = await listBuckets({ ...service, secretAccessKey: "wrong" });
      expect([refused.status, await refused.text()]).toEqual([
        403,
        expect.stringContaining("SignatureDoesNotMatch"),
      ]);
    });
  });
}

test("a server that the environment does not name is no server", () => {
  vi.stubEnv(endpointVariable("minio"), "");
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(() => s3Service("minio")).toThrow("STORAGE_TEST_MINIO_ENDPOINT is not set");
});

test("the compose file has the versions that versions.ts pins", () => {
  const compose = readFileSync(join(root, "scripts/services/compose.yaml"), "utf8");
  for (const { module, version } of Object.values(goPrograms))
    expect(compose).toContain(`${module}@${version}`);
});

/** run.ts, told nothing of servers that run already, with a folder of its own for what it leaves. */
const leftBehind = mkdtempSync(join(tmpdir(), "storage-run-"));
afterAll(() => rmSync(leftBehind, { recursive: true, force: true }));
const mark = randomUUID();

function startRun(...command: readonly string[]): ChildProcessByStdio<null, Readable, null> {
  const named = s3ServiceNames.map((name) => [endpointVariable(name), ""]);
  const env = { ...process.env, ...Object.fromEntries(named), TMPDIR: leftBehind, STORAGE_TEST_MARK: mark };
  const stdio = ["ignore", "pipe", "inherit"] as const;
  return spawn(process.execPath, ["scripts/services/run.ts", ...command], {
    cwd: root,
    env,
    stdio: [...stdio],
  });
}

/** The processes that descend from our runs: an environment is inherited, whoever the parent is by now. */
const descendants = (): readonly string[] =>
  readdirSync("/proc").filter((id) => {
    try {
      return /^\d+$/.test(id) && readFileSync(`/proc/${id}/environ`, "latin1").includes(mark);
    } catch {
      return false; // It has ended, or is another user's.
    }
  });

test("run.ts hands on the exit code of its command", async () => {
  const [code] = await once(startRun("node", "-e", "process.exit(7)"), "exit");
  expect(code).toBe(7);
});

describe.skipIf(!existsSync("/proc/self/environ"))("run.ts leaves no process behind", () => {
  const names = installedServers().map(({ name }) => name);
  const sayAndStay = "console.log(JSON.stringify(process.env)); setInterval(() => {}, 1000)";

  test("and no folder, when its command ends", async () => {
    const run = startRun("node", "-p", "JSON.stringify(process.env)");
    const [printed] = await Promise.all([text(run.stdout), once(run, "exit")]);
    const seen = JSON.parse(printed) as NodeJS.ProcessEnv;
    expect(names.filter((name) => !seen[endpointVariable(name)])).toEqual([]);
    expect(descendants()).toEqual([]);
    expect(readdirSync(leftBehind)).toEqual([]);
  });

  test.each(["SIGINT", "SIGTERM"] as const)("and no folder, after %s", async (signal) => {
    const run = startRun("node", "-e", sayAndStay);
    await once(run.stdout, "data");
    expect(descendants().length).toBeGreaterThanOrEqual(2 + names.length);
    run.kill(signal);
    await once(run, "exit");
    expect(descendants()).toEqual([]);
    expect(readdirSync(leftBehind)).toEqual([]);
  });

  test("after SIGINT while the servers start", async () => {
    const run = startRun("node", "-e", sayAndStay);
    await vi.waitUntil(() => names.length === 0 || descendants().length > 1, {
      timeout: 30_000,
      interval: 1,
    });
    run.kill("SIGINT");
    await once(run, "exit");
    await vi.waitUntil(() => descendants().length === 0, { timeout: 30_000 });
    expect(readdirSync(leftBehind)).toEqual([]);
  });

  test("after kill -9, but for the command", async () => {
    const run = startRun("node", "-e", `console.log(process.pid); setInterval(() => {}, 1000)`);
    const [command] = await once(run.stdout, "data");
    run.kill("SIGKILL");
    await once(run, "exit");
    const isCommand = (id: string) => id === `${command}`.trim();
    await vi.waitUntil(() => descendants().every(isCommand), { timeout: 30_000 });
    process.kill(Number(`${command}`), "SIGKILL");
  });
});
