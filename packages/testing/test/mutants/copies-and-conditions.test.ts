import { killsEach } from "../kills-each.ts";
import { copyMutants } from "./copies-and-conditions.ts";

killsEach(copyMutants);
