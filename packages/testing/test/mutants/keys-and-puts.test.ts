import { killsEach } from "../kills-each.ts";
import { putMutants } from "./keys-and-puts.ts";

killsEach(putMutants);
