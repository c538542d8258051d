import { check, equal, fails } from "../assertions.ts";
import { type Cases, has, when } from "../conformance-case.ts";
import { delay, textOf } from "../samples.ts";

const methods = ["copy", "move"] as const;
const rounds = Array.from({ length: 8 }, (_, index) => index);

/** Whether it went through; else it has to have met a condition. */
async function settledOf(work: Promise<unknown>): Promise<boolean> {
  return await work.then(
    (answer) => answer !== false,
    async (error: unknown) => {
      await fails(Promise.reject(error), "PreconditionFailed");
      return false;
    },
  );
}

export const transferTerms: Cases = {
  "a copy or move onto itself writes nothing": async ({ backend }) => {
    const { etag } = await backend.put("itself", "kept");
    for (const method of methods)
      equal((await backend[method]("itself", "itself")).etag, etag, "what it tells");
    equal((await backend.getMetadata("itself")).etag, etag, "the etag");
  },
  "a copy or move onto itself holds its conditions": when(
    has("copyIfMatch", "copyCreateOnly"),
    async ({ backend }) => {
      const { etag } = await backend.put("itself", "kept");
      for (const method of methods) {
        await fails(backend[method]("itself", "itself", { ifMatch: "stale" }), "PreconditionFailed");
        await fails(backend[method]("itself", "itself", { ifNoneMatch: "*" }), "PreconditionFailed");
        await backend[method]("itself", "itself", { ifMatch: etag });
      }
      equal(textOf(await backend.get("itself")), "kept", "the body");
    },
  ),
  "a condition that fails leaves the target of a copy or move": when(
    has("copyIfMatch"),
    async ({ backend }) => {
      await backend.put("from", "new");
      await backend.put("onto", "kept");
      for (const method of methods)
        await fails(backend[method]("from", "onto", { ifMatch: "stale" }), "PreconditionFailed");
      equal(textOf(await backend.get("onto")), "kept", "the target");
      equal(textOf(await backend.get("from")), "new", "the source");
    },
  ),
  "what replace does not name is gone": when(
    has("userMetadata", "cacheControl", "contentType"),
    async ({ backend }) => {
      for (const method of methods) {
        await backend.put("source", "x", { metadata: { a: "b" }, cacheControl: "no-cache" });
        await backend[method]("source", "target", { replace: { contentType: "text/plain" } });
        const { metadata, cacheControl, contentType } = await backend.getMetadata("target");
        equal([metadata, cacheControl, contentType], [{}, undefined, "text/plain"], "the attributes");
        await backend.put("a.txt", "x", { contentType: "text/csv" });
        const { contentType: type } = await backend[method]("a.txt", "b.txt", {
          replace: { metadata: { a: "b" } },
        });
        equal(type, "text/plain", "the type, by the key's extension");
      }
    },
  ),
  "of many copies that create one target, one wins": when(has("copyCreateOnly"), async ({ backend }) => {
    await Promise.all(rounds.map((turn) => backend.put(`source/${turn}`, `${turn}`)));
    const won = await Promise.all(
      rounds.map((turn) => settledOf(backend.copy(`source/${turn}`, "target", { ifNoneMatch: "*" }))),
    );
    equal(won.filter(Boolean).length, 1, "the number of winners");
    equal(textOf(await backend.get("target")), `${won.indexOf(true)}`, "the winner's body");
  }),
  "of a swap and a delete of one etag, one goes through": when(
    has("compareAndSwap", "conditionalDelete"),
    async ({ backend }) => {
      for (const turn of rounds) {
        const { etag } = await backend.put("raced", "before");
        const swap = (): Promise<boolean> => settledOf(backend.put("raced", "after", { ifMatch: etag }));
        const remove = (): Promise<boolean> => settledOf(backend.delete("raced", { ifMatch: etag }));
        const won = await Promise.all(turn % 2 === 0 ? [swap(), remove()] : [remove(), swap()]);
        equal(won.filter(Boolean).length, 1, "the number of winners");
        const isSwapped = won[turn % 2] === true;
        equal(await backend.exists("raced"), isSwapped, "whether the object is there");
      }
    },
  ),
  "a write while its object is moved is not lost": when(has("conditionalDelete"), async ({ backend }) => {
    for (const [turn, pause] of [0, 1, 2, 5, 10, 25, 60, 150].entries()) {
      await backend.put("source", "before");
      const moving = settledOf(backend.move("source", "target"));
      if (turn > 0) await delay(pause);
      await Promise.all([backend.put("source", `after ${turn}`), moving]);
      const found = await Promise.all(
        ["source", "target"].map((key) => backend.get(key).then(textOf, () => "")),
      );
      check(found.includes(`after ${turn}`), "the write is in one of both places");
    }
  }),
};
