// Clients that go away while they upload, at moments that are random and the same in every run.
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { bodyBytes, breakOff, type Plan, planOf, random } from "./broken-upload.ts";
import type { Way } from "./serve-uploads.ts";
import { type UploadServer, uploadServer } from "./upload-server.ts";

const count = 200;
const atOnce = 20;
const mebibyte = 1024 * 1024;

/** Of every two keys one holds something before. */
async function breakAll(server: UploadServer, plans: readonly Plan[]): Promise<void> {
  for (let start = 0; start < plans.length; start += atOnce) {
    const batch = plans.slice(start, start + atOnce).map(async (plan, index) => {
      const number = start + index;
      const [key, old] = number % 2 === 0 ? [`new/${number}`] : [`old/${number}`, "old"];
      await breakOff(await server.link({ way: plan.way, key, old, size: bodyBytes }), plan);
    });
    await Promise.all(batch);
  }
}

/** The server is `children/upload-server.ts` of the package whose tests these are. */
export function describeBrokenUploads(tests: string, ways: Readonly<Partial<Record<Way, string>>>): void {
  const program = join(tests, "children", "upload-server.ts");
  const named = Object.entries(ways) as [Way, string][];
  const table = named.flatMap(([way, name]) =>
    (["local", "memory"] as const).map((kind) => ({ kind, name, way })),
  );
  describe.skipIf(process.platform !== "linux")("uploads that the client breaks off", () => {
    test.each(table)(
      `$kind: ${count} of them, by $name, store nothing and leave nothing`,
      async ({ kind, way }) => {
        const server = await uploadServer(kind, program);
        const next = random(1);
        const plans = Array.from({ length: count }, () => planOf(way, next));
        // The first ones bring what a process keeps for good: compiled code, threads, pools.
        await breakAll(server, plans);
        const settled = async () => {
          const held = await server.held();
          expect(held.connections).toBe(0);
          return held;
        };
        const before = await vi.waitFor(settled, { timeout: 10_000 });

        await breakAll(server, plans);
        const after = await vi.waitFor(settled, { timeout: 10_000 });
        expect(after.descriptors).toBe(before.descriptors);
        expect(after.temporaries).toBe(0);
        expect(after.parts).toBe(0);
        expect(after.heap).toBeLessThan(before.heap + 2 * mebibyte);
        expect(after.rss).toBeLessThan(before.rss + 64 * mebibyte);
        expect(after.failures).toEqual([]);
        const old = plans.map((_, number) => `old/${number}`).filter((_, number) => number % 2 === 1);
        expect(after.stored).toEqual(Object.fromEntries(old.map((key) => [key, 3])));
      },
    );
  });
}
