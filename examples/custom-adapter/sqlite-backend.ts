import { DatabaseSync } from "node:sqlite";
import * as core from "@storage/core";

/** Objects as rows of the SQLite database at `path`, which the first call makes where there is none. */
export class SqliteBackend extends core.Backend {
  constructor(options: core.BackendOptions & { readonly path: string }) {
    core.checkOptionNames(options, ["path"]);
    super(sqliteDriver(new DatabaseSync(options.path, { open: false, timeout: 5000 })), options);
  }
}

/** Busy, and full: the last byte of https://sqlite.org/rescode.html. */
const codes: Partial<Record<number, core.StorageErrorCode>> = { 5: "Unavailable", 13: "QuotaExceeded" };

/** `node:sqlite` has synchronous calls only: each one holds up the whole process until the disk has answered. */
const sqliteDriver = (database: DatabaseSync): core.StorageDriver => ({
  name: "SqliteBackend",
  features: { ...core.allFeatures, uploadMethods: [] },
  limits: { ...core.widestLimits, objectBytes: 1_000_000_000 },

  async write(key, { bytes, stream }, attributes, call) {
    // A chunk is ours only until we ask for the next one.
    const body = bytes ?? Buffer.concat(await Array.fromAsync(stream, (chunk) => chunk.slice()));
    const commit = atomic(database, () => {
      const [held] = rows(database, "key = ?", key);
      core.checkWrite(held?.etag, call);
      const facts = { ...attributes, size: body.length, etag: crypto.randomUUID(), lastModified: new Date() };
      database.prepare("REPLACE INTO object VALUES (?, ?, ?)").run(key, JSON.stringify(facts), body);
      return facts;
    });
    return await commit();
  },

  read: atomic(database, (key, call) => {
    const [facts] = rows(database, "key = ?", key);
    if (!facts) throw new core.FileNotFoundError("no row has this key");
    core.checkRead(facts, call);
    const range = call.range && core.resolveRange(call.range, facts.size);
    const { start, end } = range ?? { start: 0, end: facts.size };
    const cut = database.prepare("SELECT ifnull(substr(body, ?, ?), x'') AS bytes FROM object WHERE key = ?");
    const { bytes } = cut.get(start + 1, end - start, key) as { bytes: core.Bytes };
    // In pieces, so that an abort ends a long body in the middle.
    return { facts, range, body: bytes.length < 65_536 ? { bytes } : { stream: new Blob([bytes]).stream() } };
  }),

  head: atomic(database, (key) => {
    const [facts] = rows(database, "key = ?", key);
    if (!facts) throw new core.FileNotFoundError("no row has this key");
    return facts;
  }),

  remove: atomic(database, (key, call) => {
    const [held] = rows(database, "key = ?", key);
    if (held) core.checkWrite(held.etag, call);
    return database.prepare("DELETE FROM object WHERE key = ?").run(key).changes === 1;
  }),

  // SQLite compares texts by their bytes of UTF-8, and that is our order.
  list: atomic(database, ({ prefix, after = "", delimiter, limit }) => {
    const entries: core.DriverEntry[] = [];
    const prefixes: string[] = [];
    for (const entry of rows(database, "key >= ? AND key > ? ORDER BY key", prefix, after)) {
      if (!entry.key.startsWith(prefix)) break;
      const [name, inside] = delimiter ? entry.key.slice(prefix.length).split(delimiter, 2) : [];
      const folded = inside === undefined ? undefined : `${prefix}${name}${delimiter}`;
      if (folded && (folded === after || folded === prefixes.at(-1))) continue;
      if (entries.length + prefixes.length === limit) return { entries, prefixes, more: true };
      if (folded) prefixes.push(folded);
      else entries.push(entry);
    }
    return { entries, prefixes, more: false };
  }),

  classify: (cause) => ({ code: codes[Reflect.get(Object(cause), "errcode") & 0xff] ?? "Unknown" }),

  close: async () => database[Symbol.dispose](),
});

/** Alone among all processes: nobody else writes meanwhile, and what throws has changed nothing. */
function atomic<Input extends unknown[], Output>(database: DatabaseSync, work: (...input: Input) => Output) {
  return async (...input: Input): Promise<Output> => {
    if (!database.isOpen) database.open();
    database.exec("BEGIN IMMEDIATE");
    try {
      database.exec("CREATE TABLE IF NOT EXISTS object (key TEXT PRIMARY KEY, facts TEXT, body BLOB)");
      const result = work(...input);
      database.exec("COMMIT");
      return result;
    } finally {
      if (database.isTransaction) database.exec("ROLLBACK");
    }
  };
}

function* rows(database: DatabaseSync, where: string, ...values: string[]) {
  for (const row of database.prepare(`SELECT key, facts FROM object WHERE ${where}`).iterate(...values)) {
    const facts = JSON.parse(String(row.facts)) as core.ObjectFacts;
    yield { ...facts, key: String(row.key), lastModified: new Date(facts.lastModified) };
  }
}
