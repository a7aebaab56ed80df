import type { Bound } from "./spin.js";

/** One way to break the model: a line of the design that is not kept. */
export interface ModelMutant {
  readonly name: string;
  /** The sentence of the design that it breaks. */
  readonly breaks: string;
  /** Text that stands in the model exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Where the smallest world does not show it. */
  readonly bound?: Partial<Bound>;
}

// In Promela an `else` that comes first in a branch belongs to the branches around it: hence `skip` before `when`.
export const MODEL_MUTANTS: readonly ModelMutant[] = [
  {
    name: "acknowledge before commit",
    breaks: "Audit, then send the envelope for h+1, then acknowledge h.",
    find: "  step {\n    put(hop + 1, RUN);",
    replace: "  goto Helped;\n  step {\n    put(hop + 1, RUN);",
  },
  {
    name: "acknowledge before audit and send",
    breaks: "Audit, then send the envelope for h+1, then acknowledge h.",
    find: "head = hop + 1; helpFrom(head); goto Help",
    replace: "head = hop + 1; helpFrom(head); goto Helped",
  },
  {
    name: "send before audit",
    breaks: "No handoff leaves without an audit record.",
    find: ":: atomic { at > head && sends -> send(head)",
    replace: ":: atomic { sends -> send(head)",
  },
  {
    name: "send before commit",
    breaks: "Commit: put-if-absent slot h+1. Then audit, then send.",
    find: "    put(hop + 1, RUN);",
    replace: "    if :: slot[hop + 1] == EMPTY -> send(hop + 1) :: else fi; put(hop + 1, RUN);",
  },
  {
    name: "no put-if-absent",
    breaks: "The slot of hop h+1 is written with put-if-absent.",
    find: ":: slot[hop] == EMPTY -> fill(hop, why);",
    replace: ":: true -> fill(hop, why);",
  },
  {
    name: "no read-back",
    breaks: "`exists` means reading it back: mine is success.",
    find: ":: slot[hop] != EMPTY && mine\n",
    replace: ":: slot[hop] != EMPTY && mine -> goto Others\n",
  },
  {
    name: "every winner is mine",
    breaks: "Another's means discard mine.",
    find: ":: slot[hop] != EMPTY && !mine -> goto Others",
    replace: ":: slot[hop] != EMPTY && !mine -> if :: true :: false -> goto Others fi",
  },
  {
    name: "loser does not help",
    breaks: "Another's means discard mine, audit `superseded`, help the winner.",
    find: "    head = filled - 1; helpFrom(hop + 1)\n",
    replace: "    goto Helped\n",
  },
  {
    name: "no help on a filled slot",
    breaks: "Slot h+1 filled: help.",
    find: "when(head > hop, helpFrom(hop + 1); goto Help)",
    replace: "when(head > hop, goto Helped)",
  },
  {
    name: "help without send",
    breaks: "If the head is h+1, send its envelope.",
    find: "sends = (hop == head &&",
    replace: "sends = (mine && hop == head &&",
  },
  {
    name: "help without audit",
    breaks: "Append each missing audit event from h+1 to the head.",
    find: "when(head > hop, helpFrom(hop + 1); goto Help)",
    replace: "when(head > hop, helpFrom(hop + 1); at = head; goto Help)",
  },
  {
    name: "help takes more for audited than is",
    breaks: "Append each missing audit event from h+1 to the head.",
    find: ":: at < head && byRun[at + 1] -> at++",
    replace: ":: at < head -> at++",
  },
  {
    name: "no intent",
    breaks: "Commits that no delivery causes first append an intent.",
    find: "step { intent[operator] = why; when",
    replace: "step { skip; when",
  },
  {
    name: "intent removed early",
    breaks: "Then slot, audit, send; then remove the intent.",
    find: "step { put(target, why);",
    replace: "step { intent[operator] = 0; put(target, why);",
  },
  {
    name: "intent removed when the outcome is unknown",
    breaks: "Only that, or the reconciler's closing, removes it.",
    find: "when(intent[operator] != 0, left[why] = true; intent[operator] = 0);",
    replace: "intent[operator] = 0;",
  },
  {
    name: "intent closed while a put is on its way",
    breaks: "Closes it after `intentTtl` when none does (≥ 1 h; a put's own deadline is 60 s).",
    find: " && !(wire != NONE && wireWhy == r))",
    replace: ")",
  },
  {
    name: "intent closed under its caller",
    breaks: "A caller whose intent is older than a quarter of `intentTtl` appends it again before the put.",
    find: "(intent[0] != r && intent[OPERATORS - 1] != r && !(wire",
    replace: "(!(wire",
    bound: { faults: 2 },
  },
  {
    name: "a found intent is not helped",
    breaks: "The reconciler helps an intent when some slot of the chain bears its `request_id`.",
    find: ":: why != 0 && bearing[why] != NONE -> helpFrom(bearing[why]); goto Help ",
    replace: ":: why != 0 && bearing[why] != NONE -> goto Helped ",
  },
  {
    name: "no re-send",
    breaks: "Where nothing moved it re-sends the head's envelope.",
    find: "step { send(head); goto Done }",
    replace: "step { goto Done }",
  },
  {
    name: "the reconciler does not audit the head",
    breaks: "No handoff leaves without an audit record.",
    find: "step { append(head); when(",
    replace: "step { skip; when(",
  },
  {
    name: "the row moves back",
    breaks: "The task row moves only forward.",
    find: "when(row == NONE || row < hop, row = hop)",
    replace: "row = hop",
  },
  {
    name: "no request look-up",
    breaks: "A slot that bears it means that this call has already succeeded.",
    find: "    when(bearing[why] != NONE, helpFrom(bearing[why]); goto Help);",
    replace: "",
  },
  {
    name: "the head is not compared",
    breaks: "A moved head is a `HeadMovedError`, so that nobody approves a question they have not read.",
    find: ":: why > CANCEL && head == seen -> target = filled",
    replace: ":: why > CANCEL && filled < SLOTS -> target = filled",
    bound: { workers: 1, operators: 2, faults: 0 },
  },
  {
    name: "cancel follows a final decision",
    breaks: "Nothing follows a final decision.",
    find: ":: why == CANCEL && slot[head] != FINAL && filled < SLOTS",
    replace: ":: why == CANCEL && filled < SLOTS",
  },
];
