import { check, equal } from "../assertions.ts";
import { type ConformanceGroup, group, has, when } from "../conformance-case.ts";
import { meanwhile } from "../meanwhile.ts";
import { chunksOf, randomBytes, sha256, textOf } from "../samples.ts";

const turns = Array.from({ length: 20 }, (_, index) => index);

export const concurrency: ConformanceGroup = group("Concurrency", {
  "many writers and readers of many keys see what they wrote": async ({ backend }) => {
    await Promise.all(
      turns.map(async (turn) => {
        const body = randomBytes(4096, turn + 1);
        await backend.put(`key-${turn}`, body);
        equal(await backend.get(`key-${turn}`), body, `the body of ${turn}`);
      }),
    );
    equal((await backend.listKeys()).length, turns.length, "the number of keys");
  },
  "of many writers of one key, one is seen, whole": async ({ backend }) => {
    const bodies = turns.map((turn) => randomBytes(50_000 + turn * 1000, turn + 1));
    await Promise.all(bodies.map((body) => backend.put("key", body)));
    const digests = await Promise.all(bodies.map((body) => sha256(body)));
    check(
      digests.includes(await sha256(await backend.get("key"))),
      "the body is one of those that were written",
    );
  },
  "readers of a key that is overwritten see one write, whole": async ({ backend }) => {
    const bodies = await Promise.all(turns.map(async (turn) => randomBytes(10_000 + turn * 500, turn + 1)));
    const digests = new Set(await Promise.all(bodies.map((body) => sha256(body))));
    await backend.put("key", bodies[0] ?? "");
    const writing = async (): Promise<void> => {
      for (const body of bodies) await backend.put("key", body);
    };
    await meanwhile(writing(), async () => {
      check(digests.has(await sha256(await backend.get("key"))), "a read gives one write, whole");
    });
  },
  "body and metadata that are read are of one write": when(
    has("userMetadata", "contentType"),
    async ({ backend }) => {
      const write = (turn: number): Promise<unknown> =>
        backend.put("key", `${turn}:${"x".repeat(turn * 100)}`, {
          contentType: `test/type-${turn}`,
          metadata: { turn },
        });
      await write(0);
      await meanwhile(Promise.all([...turns, ...turns].map(write)), async () => {
        const object = await backend.open("key");
        const turn = (await object.text()).split(":")[0];
        equal([object.metadata.turn, object.contentType], [turn, `test/type-${turn}`], "metadata and type");
      });
    },
  ),
  "metadata that is looked at is of one write": when(
    has("userMetadata", "contentType"),
    async ({ backend }) => {
      const write = (turn: number): Promise<unknown> =>
        backend.put("key", "x".repeat(turn), { contentType: `test/type-${turn}`, metadata: { turn } });
      await write(1);
      await meanwhile(Promise.all([...turns, ...turns].map((turn) => write(turn + 1))), async () => {
        const { size, contentType, metadata } = await backend.getMetadata("key");
        equal([metadata.turn, contentType], [`${size}`, `test/type-${size}`], "metadata and type");
      });
    },
  ),
  "two streams into one key at once leave one of them, whole": async ({ backend }) => {
    const one = randomBytes(3_000_000, 61);
    const other = randomBytes(2_000_000, 62);
    await Promise.allSettled([
      backend.put("key", chunksOf(one, 10_000)),
      backend.put("key", chunksOf(other, 7000)),
    ]);
    const digest = await sha256(await backend.get("key"));
    check([await sha256(one), await sha256(other)].includes(digest), "the body is one of both");
    equal((await backend.getMetadata("key")).size, (await backend.get("key")).length, "the size");
  },
  "chunks of any size make up the same object": async ({ backend }) => {
    const body = randomBytes(300_001, 71);
    for (const size of [1, 7, 511, 4096, 65_536, 299_999, 400_000]) {
      await backend.put("key", chunksOf(size === 1 ? body.subarray(0, 3000) : body, size));
      equal(await backend.get("key"), size === 1 ? body.slice(0, 3000) : body, `chunks of ${size}`);
    }
  },
  "streams of chunks of many sizes are stored whole, side by side": async ({ backend }) => {
    await Promise.all(
      turns.map(async (turn) => {
        const body = randomBytes(10_000 + turn * 7919, turn + 100);
        const sizes = randomBytes(200, turn + 200);
        const data = (async function* () {
          for (let offset = 0, part = 0; offset < body.length; part++) {
            const size = 1 + (sizes[part % sizes.length] ?? 0) * 37;
            yield body.slice(offset, offset + size);
            offset += size;
          }
        })();
        await backend.put(`fuzz/${turn}`, data);
        equal(await backend.get(`fuzz/${turn}`), body, `the body of ${turn}`);
      }),
    );
  },
  "open bodies keep nobody from writing": async ({ backend }) => {
    await backend.put("key", randomBytes(2_000_000));
    const opened = await Promise.all(Array.from({ length: 70 }, () => backend.open("key")));
    await backend.put("other", "written meanwhile");
    equal(textOf(await backend.get("other")), "written meanwhile", "the body");
    await Promise.all(opened.map((object) => object.body.cancel()));
  },
  "reads and deletes of one key end whole, or as FileNotFound": async ({ backend }) => {
    await Promise.all(
      turns.map(async (turn) => {
        await backend.put("folder/key", "x".repeat(1000));
        if (turn % 2 === 0) await backend.delete("folder/key");
        const found = await backend.get("folder/key").catch((error: unknown) => {
          equal(Reflect.get(Object(error), "code"), "FileNotFound", "the failure of a read");
        });
        check(found === undefined || found.length === 1000, "a read is whole");
      }),
    );
  },
});
