import { testKillsOf } from "./matrix.ts";
import { CUSTOMERS } from "./subjects.ts";

testKillsOf(CUSTOMERS);
