import { setImmediate as turn } from "node:timers/promises";
import type { Backend } from "@agenthandoff/core";
import { memoryTransport } from "@agenthandoff/core/memory";
import { type Fault, fault } from "./fault.js";

export const backendFaults: readonly Fault<Backend>[] = [
  fault<Backend>("the prefix does not end with a slash", ["backend-face", "relay-works"], () => ({ prefix: "shared" })),
  fault("the default visibility is longer than its transport can give", ["backend-face"], (backend) => ({
    visibilityMs: backend.transport.maxVisibilityMs + 1,
  })),
  fault<Backend>("the name is empty", ["backend-face"], () => ({ name: "" })),
  {
    what: "each handle has queues of its own",
    breaks: ["handles-share", "survives-close", "close-alone", "relay-works"],
    plant: (_, clock) => (backend) => {
      const closed = new AbortController();
      return {
        ...backend,
        transport: memoryTransport({ clock, closed: closed.signal }),
        async close() {
          closed.abort();
          await backend.close();
        },
      };
    },
  },
  fault<Backend>("flush rejects while another one runs", ["flush-resolves", "relay-works"], () => {
    let flushing = false;
    return {
      async flush() {
        if (flushing) throw new Error("already flushing");
        flushing = true;
        await turn();
        flushing = false;
      },
    };
  }),
  {
    what: "close throws away what was written",
    breaks: ["survives-close", "close-alone"],
    plant: (data) => (backend) => ({
      ...backend,
      async close() {
        data.objects.clear();
        await backend.close();
      },
    }),
  },
  fault<Backend>("close does nothing", ["close-rejects", "close-ends-wait"], () => ({ close: async () => undefined })),
  fault("close waits until receive has nothing to wait for", ["close-ends-wait"], (backend) => {
    const receives = new Set<Promise<unknown>>();
    return {
      transport: {
        ...backend.transport,
        receive(queue, options) {
          const received = backend.transport.receive(queue, options);
          receives.add(received);
          return received;
        },
      },
      async close() {
        await Promise.allSettled(receives);
        await backend.close();
      },
    };
  }),
  fault("a delivery outlives its handle", ["close-rejects"], (backend) => ({
    transport: {
      ...backend.transport,
      receive: async (queue, options) =>
        (await backend.transport.receive(queue, options)).map((delivery) => ({
          ...delivery,
          acknowledge: () => delivery.acknowledge().catch(() => "lease-lost" as const),
        })),
    },
  })),
  fault("a closed store is an empty one", ["close-rejects"], (backend) => ({
    store: { ...backend.store, get: (key, options) => backend.store.get(key, options).catch(() => undefined) },
  })),
  {
    what: "closing one handle closes them all",
    breaks: ["close-alone"],
    plant: () => {
      const handles = new Set<Backend>();
      return (backend) => {
        handles.add(backend);
        return {
          ...backend,
          async close() {
            for (const handle of handles) await handle.close();
            handles.clear();
          },
        };
      };
    },
  },
  fault("closing again rejects", ["close-alone"], (backend) => {
    let closed = false;
    return {
      async close() {
        if (closed) throw new Error("already closed");
        closed = true;
        await backend.close();
      },
    };
  }),
];
