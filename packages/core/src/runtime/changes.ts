/** Wakes whoever waits for a task in this process when this process commits to it. */
export interface Changes {
  notify(taskId: string): void;
  /** A signal that is aborted at the task's next change; call `stop` when it is no longer wanted. */
  next(taskId: string): { readonly signal: AbortSignal; stop(): void };
}

export function createChanges(): Changes {
  const waiting = new Map<string, Set<AbortController>>();
  return {
    notify(taskId) {
      const controllers = waiting.get(taskId);
      waiting.delete(taskId);
      for (const controller of controllers ?? []) controller.abort();
    },
    next(taskId) {
      const controller = new AbortController();
      const controllers = waiting.get(taskId) ?? new Set();
      controllers.add(controller);
      waiting.set(taskId, controllers);
      return {
        signal: controller.signal,
        stop() {
          controllers.delete(controller);
          if (controllers.size === 0 && waiting.get(taskId) === controllers) waiting.delete(taskId);
        },
      };
    },
  };
}
