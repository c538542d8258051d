// Opens files until no more can be, and tells how many that were and who did it.
import { openSync } from "node:fs";

const codes = [];
let opened = 0;
try {
  for (; opened < Number(process.argv[2] ?? 1); opened++) openSync("/dev/null");
} catch (error) {
  codes.push(error.code);
}
console.log(JSON.stringify({ opened, codes, uid: process.getuid(), groups: process.getgroups() }));
