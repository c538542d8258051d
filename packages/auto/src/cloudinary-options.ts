import { ConfigurationError, checkOptionNames } from "@storage/core";
import type { EasyCloudinaryOptions } from "./easy-options.ts";
import { readVariable } from "./environment.ts";
import { lacking, type Picked, wholeOf } from "./picked.ts";

const optionNames: readonly string[] = ["cloudName", "apiKey", "apiSecret"];

/** As Cloudinary's console shows it. */
const urlForm = /^cloudinary:\/\/([\w-]+):([\w-]+)@([\w-]+)$/;

/** The three from one place: the code, the URL, or the three variables. @throws ConfigurationError */
export function cloudinaryOptions(options: EasyCloudinaryOptions, picked: Picked): EasyCloudinaryOptions {
  checkOptionNames(options, optionNames);
  const given = [options.cloudName, options.apiKey, options.apiSecret];
  if (given.every((part) => part === undefined)) return { ...options, ...accountOf(picked) };
  if (given.every((part) => part !== undefined)) return options;
  throw new ConfigurationError("cloudName, apiKey and apiSecret go together: give all of them, or none");
}

function accountOf(picked: Picked): EasyCloudinaryOptions {
  const url = readVariable(picked.env, "CLOUDINARY_URL");
  if (url !== undefined) {
    const [, apiKey, apiSecret, cloudName] = urlForm.exec(url) ?? [];
    if (cloudName !== undefined) return { cloudName, apiKey, apiSecret };
    throw new ConfigurationError(
      "CLOUDINARY_URL has another form than cloudinary://key:secret@cloud: copy it from Cloudinary's console",
    );
  }
  const parts = wholeOf(picked, [
    "STORAGE_CLOUDINARY_CLOUD_NAME",
    "STORAGE_CLOUDINARY_API_KEY",
    "STORAGE_CLOUDINARY_API_SECRET",
  ]);
  if (parts === undefined) throw lacking(picked, "CLOUDINARY_URL");
  const [cloudName, apiKey, apiSecret] = parts;
  return { cloudName, apiKey, apiSecret };
}
