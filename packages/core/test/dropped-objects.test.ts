import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

const program = `
  import { Backend } from "@storage/core";
  import { MapDriver, pieces } from "./map-driver.ts";
  const driver = new MapDriver();
  const backend = new Backend(driver);
  await backend.put("a", "0123456789");
  const freed = new Set();
  let opened = 0;
  driver.bodyOf = (bytes, { call }) => {
    const index = opened++;
    call.signal.addEventListener("abort", () => freed.add(index));
    return { stream: pieces(bytes) };
  };
  const kept = await backend.open("a");
  const keptBody = (await backend.open("a")).body;
  for (let index = 0; index < 20; index++) await backend.open("a");
  for (let index = 0; index < 20; index++) (await backend.open("a")).body;
  for (let index = 0; index < 20; index++) await (await backend.open("a")).body.getReader().read();
  for (let round = 0; round < 200 && freed.size < 60; round++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    gc();
  }
  const collected = freed.size;
  const text = await kept.text();
  const other = await new Response(keptBody).text();
  await backend.close({ timeout: 1000 });
  console.log(JSON.stringify({ freed: collected, text, other }));
`;

test("an object that is dropped without being read, or half read, frees its body when it is collected; one that is kept does not", async () => {
  const args = ["--expose-gc", "--conditions=@storage/source", "--input-type=module", "--eval", program];
  const { stdout } = await run(process.execPath, args, { cwd: import.meta.dirname, timeout: 20_000 });
  const { freed, text, other } = JSON.parse(stdout);
  expect({ text, other }).toEqual({ text: "0123456789", other: "0123456789" });
  expect(freed).toBeGreaterThanOrEqual(57);
  expect(freed).toBeLessThanOrEqual(60);
});
