// `--import`ed into a process that is to be broken, before tsx: its modules are changed as they are read.
import { register } from "node:module";

register("./break-hooks.mjs", import.meta.url, { data: process.env.POWER_CUT_MUTANT });
