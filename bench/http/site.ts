import type { Server } from "node:http";
import { LocalBackend } from "@storage/local";

export type Framework = "express" | "fastify" | "hono";

/** Who answers: the framework's own middleware for files, or our signed links. */
export type Side = "theirs" | "ours";

export interface Site {
  readonly side: Side;
  /** Holds the files, for either side. */
  readonly folder: string;
  /** The same, as objects. */
  readonly backend: LocalBackend;
}

/** What listens on a free port. */
export type Start = (site: Site) => Promise<Server>;

/** The path that the files stand under, on either side. */
export const prefix = "/files";

/** A stand-in, since the port is known later; links are bound to the path alone. */
const origin = "http://127.0.0.1";

export function openBackend(folder: string): LocalBackend {
  const secret = "a secret of a bench, long enough";
  return new LocalBackend({ basePath: folder, baseUrl: `${origin}${prefix}`, secret, durability: "none" });
}

/** The path of an object, from the slash on: plain for their side, signed for ours. */
export async function pathOf({ side, backend }: Site, key: string): Promise<string> {
  return side === "theirs" ? `${prefix}/${key}` : (await backend.getUrl(key)).slice(origin.length);
}
