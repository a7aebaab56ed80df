import { simulate } from "@agenthandoff/conformance/simulation";
const r = await simulate({ seed: Number(process.argv[2]), onTrace: (l) => console.log(l), reconciler: true, fullWalk: process.argv[3] !== "no" });
console.log(JSON.stringify(r.violations), r.traceHash);
