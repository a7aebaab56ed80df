import { backendSuite } from "@agenthandoff/conformance";
import { fakeClock } from "@agenthandoff/core/memory";
import { testDirectory } from "./testing/directory.js";

const maxReceiveCount = 5;

backendSuite(
  "local, on a clock of its own",
  () => {
    const directory = testDirectory();
    const clock = fakeClock();
    return {
      open: () => directory.open({ clock, maxReceiveCount }),
      advance: (ms) => clock.advance(ms),
      dispose: directory.dispose,
    };
  },
  { maxReceiveCount },
);

backendSuite(
  "local, on the machine's clock",
  () => {
    const directory = testDirectory();
    return {
      open: () => directory.open({ maxReceiveCount }),
      dispose: directory.dispose,
    };
  },
  {
    maxReceiveCount,
    shortestVisibilityMs: 50,
    unsupported: { "deduplication-ends": "its 5 minutes are too long to wait; checked above on a clock of its own" },
  },
);
