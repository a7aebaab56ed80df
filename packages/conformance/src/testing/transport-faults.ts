import type { Transport } from "@agenthandoff/core";
import { deadLetterFaults } from "./dead-letter-faults.js";
import type { Fault } from "./fault.js";
import { leaseFaults } from "./lease-faults.js";
import { receivingFaults } from "./receiving-faults.js";
import { sendingFaults } from "./sending-faults.js";

export const transportFaults: readonly Fault<Transport>[] = [
  ...sendingFaults,
  ...receivingFaults,
  ...leaseFaults,
  ...deadLetterFaults,
];
