// As a function in any language could answer: it knows nothing of the library.
// #region plain
export const handler = async (event: { readonly task_id: string; readonly hop: number }): Promise<unknown> => ({
  decision: { kind: "handoff", to: "far", reason: `looked at ${event.task_id}.${event.hop}` },
  entries: [{ kind: "output", value: { rows: 3, of: "orders" } }],
});
// #endregion
