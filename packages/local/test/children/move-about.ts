import { setTimeout as delay } from "node:timers/promises";
import { StorageError } from "@storage/core";
import { LocalBackend } from "@storage/local";
import { verdictOf } from "./marked-objects.ts";

export interface MoveAbout {
  readonly basePath: string;
  readonly key: string;
  readonly other: string;
}

export interface MoveTally {
  moves: number;
  copies: number;
  deletes: number;
  torn: number;
  mixed: number;
  failures: string[];
}

const { basePath, key, other } = JSON.parse(process.argv[2] ?? "") as MoveAbout;
const store = new LocalBackend({ basePath, secret: "a secret of this test" });
const tally: MoveTally = { moves: 0, copies: 0, deletes: 0, torn: 0, mixed: 0, failures: [] };
let isOver = false;
process.on("message", () => {
  isOver = true;
});

/** What is not there is no failure, nor is a move that finds another write at each of its attempts. */
async function attempt(count: "moves" | "copies" | "deletes", work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
    tally[count]++;
  } catch (error) {
    const isExpected = StorageError.is(error, "FileNotFound") || StorageError.is(error, "Unavailable");
    if (!isExpected) tally.failures.push(`${count}: ${error} (${(error as Error).cause})`);
  }
}

async function check(): Promise<void> {
  try {
    const verdict = await verdictOf(store, other);
    if (verdict !== "whole") tally[verdict]++;
  } catch (error) {
    if (!StorageError.is(error, "FileNotFound")) tally.failures.push(`read: ${error}`);
  }
}

while (!isOver) {
  await attempt("moves", () => store.move(key, other));
  await check();
  await attempt("moves", () => store.move(other, key));
  await attempt("copies", () => store.copy(key, other));
  await check();
  await attempt("copies", () => store.copy(other, key));
  await attempt("deletes", () => store.delete(key));
  await attempt("moves", () => store.move(other, key));
  await delay(1);
}
await store.close();
process.disconnect();
console.log(JSON.stringify(tally));
