import { compareKeys, type DriverEntry, type DriverPage, type ListCall } from "@storage/core";
import type { OrderedKeys } from "./ordered-keys.ts";

/** One page of a listing; it costs what it returns, whatever lies before it or inside a folded prefix. */
export function pageOf(keys: OrderedKeys, call: ListCall, entryOf: (key: string) => DriverEntry): DriverPage {
  const entries: DriverEntry[] = [];
  const prefixes: string[] = [];
  for (const found of places(keys, call)) {
    if (entries.length + prefixes.length === call.limit) return { entries, prefixes, more: true };
    if (found.folded === undefined) entries.push(entryOf(found.key));
    else prefixes.push(found.folded);
  }
  return { entries, prefixes, more: false };
}

interface Place {
  readonly key: string;
  readonly folded: string | undefined;
}

/** Each key that is not folded and each folded prefix once, from the call's place on. */
function* places(keys: OrderedKeys, call: ListCall): Generator<Place> {
  let isBefore: ((key: string) => boolean) | undefined = placeOf(call);
  while (isBefore !== undefined) {
    let next: typeof isBefore | undefined;
    for (const key of keys.from(isBefore)) {
      if (!key.startsWith(call.prefix)) return;
      const folded = foldedPrefix(key, call);
      yield { key, folded };
      if (folded === undefined) continue;
      next = upTo(folded);
      break;
    }
    isBefore = next;
  }
}

function placeOf(call: ListCall): (key: string) => boolean {
  const { prefix, after } = call;
  if (after === undefined || compareKeys(after, prefix) < 0) return (key) => compareKeys(key, prefix) < 0;
  return foldedPrefix(after, call) === after ? upTo(after) : (key) => compareKeys(key, after) <= 0;
}

/** A folded prefix, and everything inside it. */
function upTo(folded: string): (key: string) => boolean {
  return (key) => key.startsWith(folded) || compareKeys(key, folded) < 0;
}

function foldedPrefix(key: string, { prefix, delimiter }: ListCall): string | undefined {
  if (delimiter === undefined || !key.startsWith(prefix)) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : key.slice(0, at + delimiter.length);
}
