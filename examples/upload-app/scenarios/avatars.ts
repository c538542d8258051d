import { buffer } from "node:stream/consumers";
import type { StorageBackend } from "@storage/core";
import { acceptUpload, HttpError } from "@storage/http";
import sharp from "sharp";
import { type Stored, told } from "./stored.ts";
import type { UploadRequest } from "./upload-request.ts";

/** By the first bytes, whatever name and type the client gives. */
const accepted = {
  maxBytes: 2 * 1024 * 1024,
  allowedTypes: ["image/jpeg", "image/png", "image/gif", "image/webp"],
};

/** 2 MiB of PNG can be 900 megapixels of white: what is larger than a good camera's picture is not unpacked. */
const mostPixels = 50_000_000;

/** Where it lies: everybody may see it. */
export const avatarKey = (user: string): string => `avatars/${user}.webp`;

/** The user's picture, 200 x 200. What is stored is what we drew: no bytes of the client's, no place it was taken at. */
export async function storeAvatar(
  storage: StorageBackend,
  user: string,
  request: UploadRequest,
): Promise<Stored> {
  const upload = await acceptUpload(request, accepted);
  const picture = await drawn(await buffer(upload.body));
  return told(await storage.put(avatarKey(user), picture, { contentType: "image/webp" }));
}

async function drawn(bytes: Buffer): Promise<Buffer> {
  try {
    const picture = sharp(bytes, { limitInputPixels: mostPixels }).autoOrient();
    return await picture.resize(200, 200, { fit: "cover" }).webp().toBuffer();
  } catch {
    throw new HttpError(400, "BrokenImage", "The picture is broken, or larger than 50 megapixels.");
  }
}
