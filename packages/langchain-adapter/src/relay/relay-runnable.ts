import type { HopEvent, Relay, TaskResult } from "@agenthandoff/core";
import { dispatchCustomEvent } from "@langchain/core/callbacks/dispatch/web";
import type { CallbackManagerForChainRun } from "@langchain/core/callbacks/manager";
import { patchConfig, Runnable, type RunnableConfig } from "@langchain/core/runnables";
import { HOP_EVENT, type RelayCallOptions, type Work, work } from "./work.js";

/** What a relay yields: each hop as it is committed, and at last where the task came to rest (it has a `status`). */
export type RelayProgress = HopEvent | TaskResult;

export interface RelayRunnableOptions<Name extends string, Input> extends RelayCallOptions<Name> {
  /** The task's id. The same id and input continue the same task. Default: a random one. */
  readonly taskId?: (input: Input) => string;
}

export interface RelayRunnable<Input> extends Runnable<Input, RelayProgress> {
  invoke(input: Input, config?: Partial<RunnableConfig>): Promise<TaskResult>;
}

/**
 * A relay as a Runnable. `invoke` resolves to where the task came to rest, also when it failed or waits for a
 * person. `stream` yields each hop before that; both dispatch a custom event `agenthandoff.hop` for each hop, which
 * `streamEvents` and callback handlers see. In a chain, the next step gets the end alone.
 */
export function relayRunnable<Name extends string, Input = unknown>(
  relay: Relay<Name>,
  options: RelayRunnableOptions<NoInfer<Name>, Input>,
): RelayRunnable<Input> {
  return new RunnableOfRelay<Input>((input, signal) => ({
    relay: relay as unknown as Relay,
    request: { to: options.to, input, ...(options.taskId === undefined ? {} : { taskId: options.taskId(input) }) },
    work: options.work ?? true,
    signal,
  }));
}

class RunnableOfRelay<Input> extends Runnable<Input, RelayProgress> implements RelayRunnable<Input> {
  override lc_namespace: string[] = ["agenthandoff"];
  readonly #workFor: (input: Input, signal: AbortSignal | undefined) => Work;

  constructor(workFor: (input: Input, signal: AbortSignal | undefined) => Work) {
    super();
    this.#workFor = workFor;
  }

  override async invoke(input: Input, config?: Partial<RunnableConfig>): Promise<TaskResult> {
    let last: RelayProgress | undefined;
    for await (const progress of await this.stream(input, config)) last = progress;
    return last as TaskResult;
  }

  override async *_streamIterator(input: Input, config?: Partial<RunnableConfig>): AsyncGenerator<RelayProgress> {
    const progress = (inputs: AsyncGenerator<Input>, run?: CallbackManagerForChainRun, own?: Partial<RunnableConfig>) =>
      // What happens inside is told as a child of this run.
      this.#progress(inputs, patchConfig(own, run === undefined ? {} : { callbacks: run.getChild() }));
    yield* this._transformStreamWithConfig(only(input), progress, config);
  }

  async *#progress(inputs: AsyncGenerator<Input>, config: Partial<RunnableConfig>): AsyncGenerator<RelayProgress> {
    for await (const input of inputs) {
      const hops = work(this.#workFor(input, config.signal));
      for (let next = await hops.next(); ; next = await hops.next()) {
        if (next.done === true) {
          yield next.value;
          break;
        }
        await dispatchCustomEvent(HOP_EVENT, next.value, config);
        yield replaceable(next.value);
      }
    }
  }
}

async function* only<T>(input: T): AsyncGenerator<T> {
  yield input;
}

/** Chunks of a stream are joined for the next step of a chain; of these, only the last one counts. */
function replaceable(event: HopEvent): HopEvent {
  const chunk = { ...event };
  Object.defineProperty(chunk, "concat", { value: (later: RelayProgress) => later });
  return chunk;
}
