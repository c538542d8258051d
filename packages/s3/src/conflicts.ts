import { type Call, KeyConflictError } from "@storage/core";
import type { Connection } from "./connection.ts";
import { listObjects } from "./listing.ts";
import { presenceOf } from "./reading.ts";

/**
 * Where a service takes `a/b` beside `a` and hides one of them from its listings, we look for such a
 * neighbour before a write: one listing, and one HEAD for each folder of the key. Two writers at once can
 * still get past each other.
 *
 * @throws KeyConflictError where there is one.
 */
export async function refuseConflicts(connection: Connection, key: string, call: Call): Promise<void> {
  const folders = [...key.matchAll(/\//g)].map(({ index }) => key.slice(0, index));
  const looks = [
    hasAnyBelow(connection, key, call),
    ...folders.map(async (folder) => (await presenceOf(connection, folder, call)) === "there"),
  ];
  const found = (await Promise.all(looks)).findIndex(Boolean);
  if (found < 0) return;
  throw new KeyConflictError(
    found === 0
      ? "this service cannot hold a key above other objects'"
      : `this service cannot hold a key below another object's: ${JSON.stringify(folders[found - 1])} is one`,
  );
}

async function hasAnyBelow(connection: Connection, key: string, { signal }: Call): Promise<boolean> {
  const { entries } = await listObjects(connection, { prefix: `${key}/`, limit: 1 }, signal);
  return entries.length > 0;
}
