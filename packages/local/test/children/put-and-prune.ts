import { LocalBackend } from "@storage/local";

/** Puts and deletes the last object of the same folders again and again: each delete prunes what a put needs. */
const { basePath, name, rounds } = JSON.parse(process.argv[2] ?? "") as {
  readonly basePath: string;
  readonly name: string;
  readonly rounds: number;
};
const store = new LocalBackend({ basePath, secret: "a secret of this test", durability: "none" });
const failures: string[] = [];
const attempt = (what: string, call: Promise<unknown>): Promise<unknown> =>
  call.catch((error: unknown) => failures.push(`${what}: ${error}`));

async function work(worker: number): Promise<void> {
  const key = `a/b/c/${name}${worker}`;
  for (let round = 0; round < rounds; round++) {
    const condition = round % 3 === 0 ? ({ ifNoneMatch: "*" } as const) : {};
    await attempt("put", store.put(key, "1", condition));
    if (round % 5 === 0) await attempt("copy", store.copy(key, `${key}-copy`));
    if (round % 5 === 0) await attempt("delete", store.delete(`${key}-copy`));
    await attempt("delete", store.delete(key));
  }
}

await Promise.all([work(0), work(1), work(2)]);
console.log(JSON.stringify(failures));
