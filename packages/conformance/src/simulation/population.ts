import type { Scenario } from "./scenario.js";
import type { Version, World } from "./world.js";

// The processes that are always there: workers, and reconcilers.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A worker that dies, or is told to stop, is followed by another. */
export function keepWorkers(world: World, { workers, concurrency, versions, deploymentsAtMs }: Scenario): void {
  const { scheduler, random } = world;
  const stops = new Set<AbortController>();
  const employ = (version: Version) => {
    const again = () => scheduler.at(scheduler.now() + random.number() * 5 * MINUTE, () => employ(version));
    // Not deployed yet, or taken back: it will be.
    if (!world.isDeployed(version)) return void again();
    const { process, relay } = world.spawn("worker", version);
    const stop = new AbortController();
    stops.add(stop);
    process.onCrash(() => {
      stops.delete(stop);
      again();
    });
    void relay.worker({ reconcileEveryMs: false, concurrency, signal: stop.signal }).then(() => {
      stops.delete(stop);
      if (process.alive) employ(version);
    });
  };
  for (let index = 0; index < workers; index++) employ("older");
  for (let index = 0; index < (versions?.newerWorkers ?? 0); index++) employ("newer");
  const start = scheduler.now();
  for (const atMs of deploymentsAtMs)
    scheduler.at(start + atMs, () => {
      for (const stop of [...stops]) stop.abort();
    });
}

/** Every half hour while something may move, else now and then. */
export function keepReconciling(world: World, fullWalk: boolean, isAtRest: () => boolean): void {
  const { scheduler } = world;
  let rounds = 0;
  let lastWalkAt = scheduler.now();
  let lasting = world.spawn("reconciler");
  const again = () => {
    const everyMs = scheduler.now() > world.faultsEnd && isAtRest() ? 6 * HOUR : 30 * MINUTE;
    scheduler.at(scheduler.now() + everyMs, round);
  };
  const round = () => {
    if (!lasting.process.alive) lasting = world.spawn("reconciler");
    // As a worker has one, which remembers what it saw, and as a schedule starts one, which knows nothing.
    const { relay } = ++rounds % 3 > 0 ? lasting : world.spawn("reconciler");
    const full = fullWalk && scheduler.now() >= lastWalkAt + 24 * HOUR;
    if (full) lastWalkAt = scheduler.now();
    // One that fails or dies is followed by the next.
    relay.reconcile({ full }).catch(() => {});
    again();
  };
  again();
}
