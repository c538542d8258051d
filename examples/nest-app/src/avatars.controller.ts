import {
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  ParseFilePipe,
  Post,
  UploadedFile,
  UseInterceptors,
} from "@nestjs/common";
import { FileInterceptor } from "@nestjs/platform-express";
import type { StorageBackend } from "@storage/core";
import { type StoredFile, storageEngine } from "@storage/express";
import type { Request } from "express";
import { STORAGE } from "./storage";

/** Straight into the storage, without a temp file; the type is that of the bytes, whatever the client says. */
const intoStorage = storageEngine({
  maxBytes: 2 * 1024 * 1024,
  allowedTypes: ["image/jpeg", "image/png", "image/gif", "image/webp"],
  key: (request: Request<{ user: string }>) => keyOf(request.params.user),
});

const keyOf = (user: string): string => `avatars/${encodeURIComponent(user)}`;

@Controller("avatars")
export class AvatarsController {
  constructor(@Inject(STORAGE) private readonly storage: StorageBackend) {}

  @Post(":user")
  @UseInterceptors(FileInterceptor("file", { storage: intoStorage }))
  upload(
    @UploadedFile(new ParseFilePipe()) file: StoredFile,
  ): Pick<StoredFile, "key" | "size" | "contentType"> {
    const { key, size, contentType } = file;
    return { key, size, contentType };
  }

  @Get(":user")
  async link(@Param("user") user: string): Promise<{ url: string }> {
    return { url: await this.storage.getUrl(keyOf(user), { expiresIn: 300 }) };
  }

  @Delete(":user")
  @HttpCode(204)
  async remove(@Param("user") user: string): Promise<void> {
    await this.storage.delete(keyOf(user));
  }
}
