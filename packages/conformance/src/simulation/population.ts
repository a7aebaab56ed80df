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

/** Often while something may move, else now and then; each version by itself, since one may not know enough. */
export function keepReconciling(
  world: World,
  { reconcileEveryMs }: Scenario,
  fullWalk: boolean,
  isAtRest: () => boolean,
): void {
  const { scheduler } = world;
  let rounds = 0;
  let lastWalkAt = scheduler.now();
  const lasting = new Map<Version, ReturnType<World["spawn"]>>();
  const reconcilerOf = (version: Version) => {
    // As a schedule starts one, which knows nothing, and as a worker has one, which remembers what it saw.
    if (rounds % 3 === 0) return world.spawn("reconciler", version);
    const known = lasting.get(version);
    if (known?.process.alive) return known;
    const begun = world.spawn("reconciler", version);
    lasting.set(version, begun);
    return begun;
  };
  const again = () => {
    const faultsEnded = scheduler.now() > world.faultsEnd;
    const calmMs = isAtRest() ? 6 * HOUR : 30 * MINUTE;
    scheduler.at(scheduler.now() + (faultsEnded ? calmMs : reconcileEveryMs), round);
  };
  const round = () => {
    rounds++;
    const full = fullWalk && scheduler.now() >= lastWalkAt + 24 * HOUR;
    if (full) lastWalkAt = scheduler.now();
    for (const version of ["older", "newer"] as const) {
      if (!world.isDeployed(version)) continue;
      // One that fails or dies is followed by the next.
      reconcilerOf(version)
        .relay.reconcile({ full })
        .catch(() => {});
    }
    again();
  };
  again();
}
