/* One task of the protocol (design, section 2), for Spin; README.md tells the bounds and what is left out.
   A `step` is one operation on the store, the queue or the audit, or a look at them: between any two steps a process
   may be overtaken by all the others, or crash. In quotes: sentences of the design; files and functions are those of
   packages/core/src/runtime. Behind each assertion stands what it checks, as the simulation calls it. */
#define EMPTY    0  /* What a slot decides. */
#define HANDOFF  1
#define PARKED   2  /* `fail` or `wait`: `retry` or `resume` may follow, or a cancel. */
#define FINAL    3  /* `complete` or `cancel`. */
#define RUN      0  /* Who fills a slot: a run, the reconciler, or a call, named by its request id. */
#define DEADLINE 1
#define START    2
#define CANCEL   3
#define ANSWER   (CANCEL + seen + operator * (SLOTS - 3))  /* Retry or resume: made of the head that the caller saw. */
#define REQUESTS (CANCEL + 1 + OPERATORS * (SLOTS - 3))
#define NONE     SLOTS
#define LOST     (SLOTS + 1)

byte slot[SLOTS], filled;       /* The store: write-once slots. The head is hop `filled - 1`. */
bool byRun[SLOTS];              /* Its handoff names an attempt. */
byte bearing[REQUESTS] = NONE;  /* The hop whose handoff bears this request id. */
byte wire = NONE, wireWhy;      /* A put that is still on its way although its sender has given up. */
byte queued[SLOTS], messages;   /* The queue: visible envelopes of each hop; how many there are, held ones too. */
byte holds[WORKERS] = NONE;     /* The hop whose lease a worker has; LOST: it works on without one; NONE: it is idle. */
bool audited[SLOTS];            /* The audit: events `committed`, */
byte row = NONE;                /*   the head_hop of the task's row, */
byte intent[OPERATORS];         /*   the intents (by request id) of calls that go on, */
bool left[REQUESTS];            /*   and of calls that have died. */
bool sent[SLOTS], lost;         /* Only for checking: was it ever sent, was a message ever lost. */
byte faults = FAULTS;           /* So many faults are still to come, of any kinds and at any moments. */
#define fault faults > 0 -> faults--
#define step  if :: atomic { fault -> goto Crashed } :: atomic
#define or    :: atomic
#define when(condition, action) if :: condition -> action :: else fi

inline fill(hop, why) {
  assert(slot[hop] == EMPTY);                                                            /* I1 */
  assert(hop == 0 || slot[hop - 1] != EMPTY);                                            /* I2 */
  assert(hop == 0 || slot[hop - 1] != FINAL);                                            /* I9 */
  assert(hop == 0 || slot[hop - 1] != PARKED || why >= START);                           /* I13 */
  assert(why < START || bearing[why] == NONE);                                           /* I13 */
  if
  :: why == RUN && hop + 1 < SLOTS || why == START || why > CANCEL -> slot[hop] = HANDOFF
  :: why == RUN || why == DEADLINE -> slot[hop] = PARKED
  :: why == RUN || why == CANCEL -> slot[hop] = FINAL
  fi;
  when(why >= START, bearing[why] = hop); byRun[hop] = (why == RUN); filled = hop + 1
}
/* chain/commit.ts, putOrReadBack: "Commit: put-if-absent slot h+1. `exists` means reading it back: mine is success;
   another's means discard mine. An ambiguous reply is resolved the same way." `mine` is what the commit_id tells. */
inline put(hop, why) {
  if
  :: slot[hop] == EMPTY -> fill(hop, why); mine = true; if :: true :: fault -> goto Put fi
  :: slot[hop] != EMPTY && mine
  :: slot[hop] != EMPTY && !mine -> goto Others
  fi
}
inline giveUp(hop, why) { wire == NONE && fault -> wire = hop; wireWhy = why; goto Crashed }
/* help.ts, auditCommit: "Writing one twice is harmless. The task row moves only forward." */
inline append(hop) {
  assert(slot[hop] != EMPTY);                                                            /* I8 */
  audited[hop] = true; when(row == NONE || row < hop, row = hop)
}
/* send.ts, sendEnvelope: the queue drops a repeated deduplication id; that it keeps it, or loses it, is a fault. */
#define present(hop) (queued[hop] > 0 || holds[0] == hop || holds[WORKERS - 1] == hop)
inline send(hop) {
  assert(slot[hop] == HANDOFF);                                                          /* sent-what-is-committed */
  assert(audited[hop]);                                                                  /* audited-before-sent */
  if
  :: !present(hop) -> queued[hop]++; messages++
  :: !present(hop) && sent[hop] && fault -> lost = true
  :: present(hop)
  :: present(hop) && fault -> queued[hop]++; messages++
  fi;
  sent[hop] = true
}
/* help.ts, help: "Append each missing audit event from h+1 to the head; if the head is h+1, send its envelope." What a
   run has followed was audited before it was sent (mayLackAudit). From the head itself it is auditAndSend. */
inline skipAudited() { do :: at < head && byRun[at + 1] -> at++ :: else -> break od }
inline helpFrom(hop) { at = hop; sends = (hop == head && slot[head] == HANDOFF); skipAudited() }
inline help() {
  do
  :: atomic { fault -> goto Crashed }
  :: atomic { at <= head -> append(at); at++; skipAudited(); when(at > head && !sends, goto Helped) }
  :: atomic { at > head && sends -> send(head); goto Helped }
  od
}
#define forget head = 0; at = 0; mine = false; sends = false

/* step/handle-delivery.ts. What the agent decides is open. Whatever ends a delivery early (a crash, an outage, an agent
   that throws) gives its message back. Workers are alike, so the second begins only while the first is busy. */
active [WORKERS] proctype Worker() {
  byte hop, head, at; bool mine, sends;
#define RECEIVE(h) :: queued[h] > 0 && (_pid == 0 || holds[_pid - 1] != NONE) -> hop = h
Idle: end:
  atomic {
    if RECEIVE(0) RECEIVE(1) RECEIVE(2) RECEIVE(SLOTS - 2) fi;
    queued[hop]--; holds[_pid] = hop; head = filled - 1;
    when(head > hop, helpFrom(hop + 1); goto Help)                             /* locate: "Slot h+1 filled: help." */
  }
Put: /* finishWith: "Audit, then send the envelope for h+1, then acknowledge h. In this order." */
  step {
    put(hop + 1, RUN);
    assert(mine);                                                                        /* I8 */
    head = hop + 1; helpFrom(head); goto Help
  } or { giveUp(hop + 1, RUN) } fi;
Others: /* yieldToWinner: "discard mine, audit `superseded`, help the winner" */
  step {
    assert(!mine);                                                                       /* I8 */
    head = filled - 1; helpFrom(hop + 1)
  } fi;
Help:
  help();
Helped: /* acknowledge */
  step {
    assert(slot[hop + 1] != EMPTY);                                                      /* I3 */
    assert(slot[hop + 1] != HANDOFF || sent[hop + 1] || slot[hop + 2] != EMPTY);         /* I3 */
    when(holds[_pid] == hop, messages--); goto Done
  } fi;
  atomic { skip;
Crashed: when(holds[_pid] == hop, queued[hop]++);
Done: holds[_pid] = NONE; hop = 0; forget; goto Idle }
}

/* commands/start.ts, steer.ts, intent.ts: "first append an intent; then slot, audit, send; then remove the intent".
   A caller starts the task, then may cancel, retry or answer; after a crash the same call is made again, or never. */
active [OPERATORS] proctype Operator() {
  byte calls, why, seen, target, head, at; bool mine, sends;
#define operator (_pid - WORKERS)
#define mayCall  (calls > 0 && calls < CALLS && filled > 0)
Idle: end:
  atomic {
    if
    :: calls == 0 -> why = START
    :: mayCall -> why = CANCEL
    :: mayCall && filled + 1 < SLOTS && slot[filled - 1] == PARKED -> seen = filled - 1; why = ANSWER
    fi;
    calls++;
Call: if :: why > CANCEL -> goto Look :: else -> goto Intend fi }
Others: Look:
  step {
    head = filled - 1;
    when(bearing[why] != NONE, helpFrom(bearing[why]); goto Help);             /* alreadyDone: "already succeeded" */
    if
    :: why == CANCEL && slot[head] == FINAL -> helpFrom(head); goto Help       /* "or finds a final decision" */
    :: why == CANCEL && slot[head] != FINAL && filled < SLOTS -> target = filled; goto Put
    :: why > CANCEL && head == seen -> target = filled
    :: else ->                                                                 /* "a moved head is a HeadMovedError" */
       assert(bearing[why] == NONE);                                                     /* I13 */
       goto Helped
    fi
  } fi;
Intend:
  step { intent[operator] = why; when(why == CANCEL, goto Look) } fi;
Put:
  step { put(target, why); head = target; helpFrom(head); goto Help } or { giveUp(target, why) } fi;
Help:
  help();
Helped: /* settle */
  step {
    assert(why != START || slot[0] != EMPTY && row != NONE);                             /* I5 */
    intent[operator] = 0; goto Done
  } fi;
  atomic { skip;
Crashed: when(intent[operator] != 0, left[why] = true; intent[operator] = 0);
    target = 0; forget; if :: goto Call :: true fi;
Done: target = 0; forget; why = 0; seen = 0; goto Idle }
}

/* reconcile/*.ts. It waits so long (olderThanMs, base · 2^g, intentTtl) that it acts when nothing else does; that it
   acts earlier is a fault, but intentTtl outlasts every call and every put. The full walk is left out. */
#define nothingMoves (messages == 0 && intent[0] == 0 && intent[OPERATORS - 1] == 0)
#define itsTime      (nothingMoves || faults > 0)
#define open(r)      (left[r] || intent[0] == r || intent[OPERATORS - 1] == r)
#define outlasted(r) (intent[0] != r && intent[OPERATORS - 1] != r && !(wire != NONE && wireWhy == r))
inline settle(r) {
  left[r] = false; when(intent[0] == r, intent[0] = 0); when(intent[OPERATORS - 1] == r, intent[OPERATORS - 1] = 0)
}
#define INTENT(r)    :: itsTime && open(r) && (bearing[r] != NONE || outlasted(r)) -> why = r
active proctype Reconciler() {
  byte why, head, at; bool mine, sends;
Idle: end:
  atomic {
    if INTENT(START) INTENT(CANCEL) INTENT(CANCEL + 1) INTENT(REQUESTS - 1)
    :: itsTime && row != NONE && slot[row] == HANDOFF                          /* "walks open tasks" */
    fi;
    when(!nothingMoves, faults--); head = filled - 1;
    if
    :: why == 0
    :: why != 0 && bearing[why] != NONE -> helpFrom(bearing[why]); goto Help   /* reconcileIntent: "helps an intent, */
    :: why != 0 && bearing[why] == NONE -> settle(why); goto Done        /* and closes it when none does" */
    fi
  }
  step { append(head); when(slot[head] != HANDOFF, goto Done) } fi;            /* reconcileTask */
  step { send(head); goto Done } or { head + 1 < SLOTS } fi;                   /* resendIfSilent, or failIfOverdue */
Put:
  step { put(head + 1, DEADLINE); head++; helpFrom(head) } or { giveUp(head + 1, DEADLINE) } fi;
Help:
  help();
Helped:
  step { settle(why); goto Done } fi;
  atomic { skip;
Others: Crashed: Done: why = 0; forget; goto Idle }
}

/* The queue doubles a message, loses it, or takes back a lease; a put arrives late. */
#define MESSAGE(h) \
  :: atomic { queued[h] > 0 && fault -> queued[h]++; messages++ } \
  :: atomic { queued[h] > 0 && fault -> queued[h]--; messages--; lost = true } \
  :: atomic { holds[0] == h && fault -> holds[0] = LOST; queued[h]++ } \
  :: atomic { holds[WORKERS - 1] == h && fault -> holds[WORKERS - 1] = LOST; queued[h]++ }
active proctype Network() {
end:
  do MESSAGE(0) MESSAGE(1) MESSAGE(2) MESSAGE(SLOTS - 2)
  :: atomic { wire != NONE -> when(slot[wire] == EMPTY, fill(wire, wireWhy)); wire = NONE; wireWhy = 0 }
  od
}

/* What must hold when nothing can happen any more. Where a message was lost, the full walk completes the audit. */
active proctype Quiet() {
  byte each;
end:
  timeout -> d_step {
    assert(messages == 0 && wire == NONE && (filled == 0 || slot[filled - 1] != HANDOFF)); /* I11 */
    assert(filled == 0 || row == filled - 1);                                            /* I8 */
    do
    :: each < REQUESTS ->
       assert(each >= SLOTS || audited[each] || slot[each] == EMPTY || lost);            /* I8 */
       assert(each < START || !open(each));                                              /* I4 */
       each++
    :: else -> break
    od }
}
