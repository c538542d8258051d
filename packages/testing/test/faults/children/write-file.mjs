// Writes to the file that it is told, and fails as that does.
import { writeFileSync } from "node:fs";

try {
  writeFileSync(process.argv[2], process.env.BODY ?? "body");
} catch (error) {
  console.log(error.code);
}
