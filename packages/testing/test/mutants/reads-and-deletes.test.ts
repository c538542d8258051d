import { killsEach } from "../kills-each.ts";
import { readMutants } from "./reads-and-deletes.ts";

killsEach(readMutants);
