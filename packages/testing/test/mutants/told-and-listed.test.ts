import { killsEach } from "../kills-each.ts";
import { toldMutants } from "./told-and-listed.ts";

killsEach(toldMutants);
