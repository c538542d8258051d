import { compareKeys } from "@storage/core";

/** A bucket is split in two when it holds more keys than this. */
const bucketSize = 512;

/** Keys in ascending order of UTF-8 bytes, in buckets, so that neither an insertion nor a search touches all of them. */
export class OrderedKeys {
  #buckets: string[][] = [];

  add(key: string): void {
    const at = Math.max(0, partition(this.#buckets, (bucket) => startsBefore(bucket, key)) - 1);
    const bucket = this.#buckets[at];
    if (bucket === undefined) {
      this.#buckets.push([key]);
      return;
    }
    bucket.splice(
      partition(bucket, (other) => compareKeys(other, key) < 0),
      0,
      key,
    );
    if (bucket.length > bucketSize) this.#buckets.splice(at + 1, 0, bucket.splice(bucketSize / 2));
  }

  remove(key: string): void {
    const at = partition(this.#buckets, (bucket) => startsBefore(bucket, key)) - 1;
    const bucket = this.#buckets[at];
    if (bucket === undefined) return;
    const index = partition(bucket, (other) => compareKeys(other, key) < 0);
    if (bucket[index] !== key) return;
    bucket.splice(index, 1);
    if (bucket.length === 0) this.#buckets.splice(at, 1);
  }

  /**
   * The keys from the first on of which `isBefore` is false: it has to be true of a run of keys from the
   * start, and of no other. The keys must not change meanwhile.
   */
  *from(isBefore: (key: string) => boolean): Generator<string> {
    let at = partition(this.#buckets, (bucket) => isBefore(bucket.at(-1) ?? ""));
    let index = partition(this.#buckets[at] ?? [], isBefore);
    for (let bucket = this.#buckets[at]; bucket !== undefined; bucket = this.#buckets[++at]) {
      for (; index < bucket.length; index++) yield bucket[index] ?? "";
      index = 0;
    }
  }

  clear(): void {
    this.#buckets = [];
  }
}

function startsBefore(bucket: readonly string[], key: string): boolean {
  return compareKeys(bucket[0] ?? "", key) <= 0;
}

/** How many items come before: binary search. */
function partition<T>(items: readonly T[], isBefore: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && isBefore(item)) low = middle + 1;
    else high = middle;
  }
  return low;
}
