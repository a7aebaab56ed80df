import { register } from "node:module";

// After tsx's own hooks, so that what is counted is the JavaScript that they make of the sources.
register("./instrument.ts", import.meta.url);
