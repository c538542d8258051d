import type { Atomic } from "../promises/atomic.ts";
import type { Contained } from "../promises/contained.ts";
import type { Copies } from "../promises/copies.ts";
import type { Promises } from "../promises/promises.ts";
import { manyServices } from "../s3/stores.ts";
import type { Section } from "../sections.ts";

const atomicText: Record<Atomic, string> = { yes: "atomic", "bytes only": "atomic bytes", no: "" };
const containedText: Record<Contained, string> = { yes: "contained", "keys only": "contained keys", no: "" };
const copiesText: Record<Copies, string> = {
  "both ways": "copies",
  in: "copies in",
  out: "copies out",
  no: "",
};

/** The column of one contender: "atomic, contained"; empty for what is no store. */
export function promiseText(promises: Promises, kind: Section["kind"], contender: string): string {
  if (kind === "s3") return "";
  if (kind === "memory") {
    const copies = promises.memory[contender];
    return copies === undefined ? "" : copiesText[copies] || "nothing";
  }
  const local = promises.local[contender];
  if (local === undefined) return "";
  const texts = [atomicText[local.atomic], containedText[local.contained]];
  return texts.filter((text) => text !== "").join(", ") || "nothing";
}

/** Whether it can be held against ours: it copies as we do; its bytes are whole, and no key leads out; it calls many services alike. */
export function isPeer(promises: Promises, kind: Section["kind"], contender: string): boolean {
  if (kind === "s3") return manyServices.has(contender);
  if (kind === "memory") return promises.memory[contender] === "both ways";
  const local = promises.local[contender];
  return local !== undefined && local.atomic !== "no" && local.contained === "yes";
}
