import { type Quirk, refusal } from "./quirk.ts";
import { failure } from "./replies.ts";
import { hasHeader } from "./requests.ts";

export const mostParts = 1000;

export const fewParts: Quirk = refusal(
  {
    name: "an upload has 1,000 parts at most",
    source: "https://www.scaleway.com/en/docs/object-storage/api-cli/multipart-uploads/",
    quote: "1 to 1000 parts per object",
  },
  ({ operation, query }) => operation === "UploadPart" && Number(query.partNumber) > mostParts,
  // The words are those of https://github.com/cloudnative-pg/cloudnative-pg/issues/1673.
  () => failure(400, "InvalidArgument", "Part number must be an integer between 1 and 1000, inclusive"),
);

const conditionalWrites: Quirk = refusal(
  {
    name: "conditions are kept on writes, and refused where parts are begun or sent",
    source: "https://www.scaleway.com/en/docs/object-storage/api-cli/using-conditional-writes/",
    quote: "The create-multipart-upload and upload-part operations do not accept conditional headers",
  },
  // What the base does with PutObject, CopyObject and CompleteMultipartUpload is what the page says.
  (request) =>
    /^(CreateMultipartUpload|UploadPart)$/.test(request.operation) &&
    hasHeader(request, /^if-(none-)?match$/),
  () => failure(400, "InvalidArgument", "Conditional headers are not accepted here"),
);

export const rules: readonly Quirk[] = [fewParts, conditionalWrites];
