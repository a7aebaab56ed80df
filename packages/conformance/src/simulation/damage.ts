import type { Effect } from "./effect.js";
import type { DamageScript } from "./scenario.js";
import type { Services } from "./services.js";
import { RELAY_ID, type World } from "./world.js";

/** Told each effect, since some damage waits for the worst moment. */
export type DamageWatch = (effect: Effect) => void;

/**
 * Somebody removes or spoils slots behind the relay's back, never the last one of a task, and restores them later.
 * Meanwhile somebody else may have the whole store walked.
 */
export function doDamage(
  { scheduler, random, invariants, faultsEnd, spawn }: World,
  { data }: Services,
  scripts: readonly DamageScript[],
  fullWalk: boolean,
): DamageWatch {
  const start = scheduler.now();
  const waiting: DamageScript[] = [];
  const spoilt = new Set<string>();

  const strike = ({ task, kind, forMs }: DamageScript, hop: number) => {
    const taskId = `task-${task}`;
    const key = `${RELAY_ID}/slots/${taskId}/${String(hop).padStart(10, "0")}.ndjson.gz`;
    const object = data.objects.get(key);
    const at = data.keys.indexOf(key);
    if (object === undefined || at === -1 || spoilt.has(key)) return;
    spoilt.add(key);
    if (kind === "cut-off") data.objects.set(key, { ...object, bytes: object.bytes.slice(0, -7) });
    else {
      data.objects.delete(key);
      data.keys.splice(at, 1);
    }
    const restore = () => {
      spoilt.delete(key);
      data.objects.set(key, object);
      if (kind === "removed") data.keys.splice(data.keys.filter((other) => other < key).length, 0, key);
    };
    scheduler.at(Math.min(faultsEnd, scheduler.now() + forMs), restore);
    const walk = () =>
      void spawn("walker")
        .relay.reconcile({ full: true })
        .catch(() => {});
    if (fullWalk) scheduler.at(scheduler.now() + random.number() * forMs, walk);
  };
  const lastOf = (task: number) => invariants.chainOf(`task-${task}`).length - 1;

  for (const script of scripts)
    scheduler.at(start + script.atMs, () => {
      if (script.atWorstMoment) waiting.push(script);
      // Not the first either: a caller that repeats its start fills an empty slot 0, and cannot know better.
      else if (lastOf(script.task) > 1) strike(script, Math.ceil(lastOf(script.task) / 2));
    });

  return (effect) => {
    if (effect.kind !== "deliver" || scheduler.now() >= faultsEnd) return;
    const { task_id: taskId, hop } = JSON.parse(effect.body) as { task_id: string; hop: number };
    const index = waiting.findIndex(({ task }) => `task-${task}` === taskId && hop + 1 < lastOf(task));
    const script = waiting[index];
    // A first delivery cannot know that its hop was passed long ago; every other one must look.
    if (script === undefined || effect.delivery.endsWith(".1")) return;
    waiting.splice(index, 1);
    strike(script, hop + 1);
  };
}
