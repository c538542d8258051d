import { drain, large } from "../bodies.ts";
import type { Counts } from "../counts.ts";
import type { Row } from "../row.ts";
import type { Durability } from "../store.ts";
import { storeContenders } from "../store-contenders.ts";
import { storesFor } from "./stores.ts";

const key = "large";

export function putStreamRow({ rounds, streamMebibytes }: Counts, durability: Durability): Row {
  return {
    name: `put a stream of ${streamMebibytes} MiB`,
    target: { figure: 0.95 },
    rounds,
    times: 1,
    inFlight: 1,
    contenders: async (place) =>
      await storeContenders(place, {
        stores: storesFor(durability),
        work: ({ streams }) => streams && (() => streams.put(key, large(streamMebibytes))),
      }),
  };
}

export function getStreamRow({ rounds, streamMebibytes }: Counts): Row {
  return {
    name: `get a stream of ${streamMebibytes} MiB`,
    target: { figure: 0.7 },
    rounds,
    times: 1,
    inFlight: 1,
    contenders: async (place) =>
      await storeContenders(place, {
        stores: storesFor("none"),
        work: ({ streams }) => {
          const get = streams?.get;
          return get && (async () => await drain(await get(key), streamMebibytes));
        },
        fill: async (store) => {
          await store.streams?.put(key, large(streamMebibytes));
        },
      }),
  };
}
