import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { QueueAddress } from "@agenthandoff/core";
import type { SuiteOptions } from "./suite-options.js";

// #region fixture
/** What a driver's author provides: a place with data of its own, and handles on it. A suite asks for one for each test. */
export interface Fixture<Port> {
  /**
   * Opens a handle on this fixture's data. Each call gives another one, as another process would have it: a second
   * client, a second connection, never the same object twice.
   */
  open(): Port | Promise<Port>;

  /**
   * Opens a handle whose store, queue or log fails or cannot be reached: closed, a port where nobody listens, a table
   * that is missing. For a `Backend` this defaults to one that was closed.
   */
  openBroken?(): Port | Promise<Port>;

  /** Called with each queue before it is used, for drivers whose queues must be created first. */
  prepareQueue?(queue: QueueAddress): Promise<void>;

  /** Lets `ms` pass on the clock that the driver was given. Left out, the driver runs on real time, and so do the tests. */
  advance?(ms: number): Promise<void>;

  /** Frees everything, handles too. Called after each test. */
  dispose?(): Promise<void>;
}
// #endregion

/** One test's view of a driver: a first handle, ways to get more, and time. */
export interface Trial<Port> {
  readonly port: Port;
  /** Opens another handle on the same data. */
  another(): Promise<Port>;
  /** Opens a handle on something that fails. */
  broken(): Promise<Port>;
  /** The same trial of one part of each handle. */
  on<Part>(part: (port: Port) => Part): Trial<Part>;
  /** A name that no other test uses, fit for relays, agents and tasks. */
  unique(word: string): string;
  /** A queue that no other test uses, or the given one; either is ready for use. */
  queue(address?: QueueAddress): Promise<QueueAddress>;
  /** Lets time pass for the driver. */
  pass(ms: number): Promise<void>;
  /** Resolves as the promise does, letting time pass meanwhile; rejects when patience ends. */
  settled<Value>(promise: Promise<Value>): Promise<Value>;
  /** Repeats a check, letting time pass, until it holds; rejects with its last failure when patience ends. */
  eventually(check: () => Promise<void>): Promise<void>;
  /** Whether time passes at the test's word only, and so exactly. */
  readonly ownsTime: boolean;
  /** How long a `receive` waits for what must be there: 0 where the test owns time. */
  readonly patienceMs: number;
  readonly shortestVisibilityMs: number;
  readonly maxReceiveCount: number | undefined;
  /** How many random cases a property is tried with, and from which seed. */
  readonly cases: { readonly numRuns: number; readonly seed?: number };
}

const STEP_MS = 20;

interface Handles<Port> {
  readonly port: Port;
  readonly another: () => Promise<Port>;
  readonly broken: () => Promise<Port>;
}

function withHandles<Port>(
  handles: Handles<Port>,
  rest: Omit<Trial<unknown>, keyof Handles<unknown> | "on">,
): Trial<Port> {
  return {
    ...rest,
    ...handles,
    on: (part) =>
      withHandles(
        {
          port: part(handles.port),
          another: async () => part(await handles.another()),
          broken: async () => part(await handles.broken()),
        },
        rest,
      ),
  };
}

export async function startTrial<Port>(fixture: Fixture<Port>, options: SuiteOptions = {}): Promise<Trial<Port>> {
  const patienceMs = options.patienceMs ?? 30_000;
  const steps = Math.ceil(patienceMs / STEP_MS);
  const unique = (word: string): string => `${word}-${randomUUID().slice(0, 13)}`;
  const open = async (): Promise<Port> => await fixture.open();
  const pass = async (ms: number): Promise<void> => {
    if (fixture.advance === undefined) await delay(ms);
    else await fixture.advance(ms);
  };
  const step = async (): Promise<void> => {
    await pass(STEP_MS);
    // Even where the test owns time, files and threads need some of the real one.
    if (fixture.advance !== undefined) await delay(1);
  };
  const broken = async (): Promise<Port> => {
    if (fixture.openBroken !== undefined) return await fixture.openBroken();
    throw new Error(
      "give the fixture `openBroken`, or declare in `unsupported` why this driver cannot be made to fail",
    );
  };

  return withHandles(
    { port: await open(), another: open, broken },
    {
      unique,
      async queue(address = { relayId: unique("relay"), agent: unique("agent") }) {
        await fixture.prepareQueue?.(address);
        return address;
      },
      pass,
      async settled(promise) {
        let done = false;
        const finish = (): void => {
          done = true;
        };
        promise.then(finish, finish);
        for (let count = 0; count < steps && !done; count++) await step();
        if (!done) throw new Error("what was waited for did not happen");
        return await promise;
      },
      async eventually(check) {
        for (let count = 0; ; count++) {
          try {
            return await check();
          } catch (failure) {
            if (count >= steps) throw failure;
          }
          await step();
        }
      },
      ownsTime: fixture.advance !== undefined,
      patienceMs: fixture.advance === undefined ? patienceMs : 0,
      shortestVisibilityMs: options.shortestVisibilityMs ?? 50,
      maxReceiveCount: options.maxReceiveCount,
      cases: { numRuns: options.runs ?? 25, ...(options.seed === undefined ? {} : { seed: options.seed }) },
    },
  );
}
