import { TooLargeError } from "@storage/core";
import { HttpError } from "@storage/http";

const sentences: Readonly<Record<string, string>> = {
  LIMIT_PART_COUNT: "The form has too many parts.",
  LIMIT_FILE_COUNT: "The form has too many files.",
  LIMIT_FIELD_COUNT: "The form has too many fields.",
  LIMIT_FIELD_VALUE: "The form has a field that is too long.",
  LIMIT_UNEXPECTED_FILE: "The form has a file in a field that takes none, or too many.",
};

/** What multer itself refuses, at its own limits, as one of ours; every other error as it is. */
export function withoutMulter(error: unknown): unknown {
  const { name, code } = Object(error);
  if (name !== "MulterError" || code === "STREAM_DESTROYED") return error;
  if (code === "LIMIT_FILE_SIZE")
    return new TooLargeError("the file is over multer's limit", { cause: error });
  const sentence = sentences[code] ?? "The form is not one that is taken here.";
  return new HttpError(400, "InvalidArgument", sentence, { cause: error });
}
