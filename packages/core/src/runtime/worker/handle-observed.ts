import type { Delivery } from "../../ports/index.js";
import { handleDelivery } from "../step/handle-delivery.js";
import type { DeliveryOutcome, StepSetting } from "../step/setting.js";

/** Handles a delivery, and tells the relay's observer what became of it. */
export async function handleObserved(
  setting: StepSetting,
  delivery: Delivery,
  receivedAt: number,
): Promise<DeliveryOutcome> {
  const outcome = await handleDelivery(setting, delivery, receivedAt);
  setting.environment.observe({
    kind: "delivery-ended",
    taskId: delivery.groupId,
    agent: setting.agent.name,
    outcome: outcome.status,
    ...("reason" in outcome && { reason: outcome.reason }),
  });
  return outcome;
}
