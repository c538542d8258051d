import * as nodeFs from "node:fs";
import type { FileSystem } from "@storage/local";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Done } from "../src/file-system.ts";
import { promised } from "../src/promised.ts";

const fs: FileSystem = { ...nodeFs };

/** A call that ends when it is told to, and notes that it began. */
function slowCall(begun: string[]) {
  const ends: (() => void)[] = [];
  const call = promised(fs, (name: string, done: Done<string>) => {
    begun.push(name);
    ends.push(() => done(null, name));
  });
  return { call, end: () => ends.shift()?.() };
}

test("the first call begins at once, those beside it together when the turn ends", async () => {
  const begun: string[] = [];
  const { call, end } = slowCall(begun);
  const calls = [call("first"), call("second"), call("third")];
  expect(begun).toEqual(["first"]);
  await Promise.resolve();
  expect(begun).toEqual(["first"]);
  await vi.waitFor(() => expect(begun).toEqual(["first", "second", "third"]));
  for (const _ of calls) end();
  expect(await Promise.all(calls)).toEqual(begun);
});

test("a call that throws in place of failing rejects, whenever it begins", async () => {
  const begun: string[] = [];
  const { call, end } = slowCall(begun);
  const close = promised(fs, fs.close);
  await expect(close("no descriptor")).rejects.toThrow("fd");
  const first = call("first");
  await expect(close("no descriptor")).rejects.toThrow("fd");
  end();
  await first;
  // None is counted as under way any more.
  void call("last");
  expect(begun).toEqual(["first", "last"]);
  end();
});

test("a test of somebody's that stops the clock does not stop them", async () => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const look = promised(fs, fs.lstat, { bigint: true });
  expect(await Promise.all([look("/"), look("/"), look("/")])).toHaveLength(3);
});
