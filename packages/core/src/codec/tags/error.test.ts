import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hop, textOf } from "../testing/round-trip.js";
import { difference } from "../testing/same-value.js";

class HttpError extends TypeError {
  readonly code = "E_HTTP";
  readonly response = { status: 503, retryAfter: new Date(0) };
}

function withoutStack<T extends Error>(error: T): T {
  Reflect.deleteProperty(error, "stack");
  return error;
}

describe("errors", () => {
  it.each([Error, TypeError, RangeError, SyntaxError, EvalError, ReferenceError, URIError])("keeps a %o", (Type) => {
    const error = new Type("message", { cause: new Error("cause") });
    const back = hop(error);
    expect(back).toBeInstanceOf(Type);
    expect(difference(error, back)).toBeUndefined();
    expect((back as Error).stack).toBe(error.stack);
  });

  it("writes what an error has, and nothing else", () => {
    expect(textOf(withoutStack(new RangeError("m")))).toBe('{"$ah":"error","type":"RangeError","message":"m"}');
    expect(textOf(withoutStack(new Error()))).toBe('{"$ah":"error","type":"Error"}');
  });

  it("tells a cause of undefined from none", () => {
    expect(Object.hasOwn(hop(new Error("a", { cause: undefined })) as object, "cause")).toBe(true);
    expect(Object.hasOwn(hop(new Error("a")) as object, "cause")).toBe(false);
  });

  it("keeps the errors of an AggregateError", () => {
    const error = new AggregateError([new Error("one"), "two"], "both");
    expect(difference(error, hop(error))).toBeUndefined();
    expect(hop(error)).toBeInstanceOf(AggregateError);
  });

  it("brings a subclass back as the nearest built-in error, with its name, code and data", () => {
    const error = new HttpError("unavailable");
    const back = hop(hop(error)) as HttpError;
    expect(back).toBeInstanceOf(TypeError);
    expect(back).not.toBeInstanceOf(HttpError);
    expect(back.constructor.name).toBe("HttpError");
    expect(back.code).toBe("E_HTTP");
    expect(difference(error, back)).toBeUndefined();
  });

  it("keeps a name that was set, and one that the class gives through its prototype", () => {
    class Named extends Error {
      override get name(): string {
        return "NamedByClass";
      }
    }
    expect(hop(new Named("m"))).toMatchObject({ name: "NamedByClass", message: "m" });
    const error = new Error("m");
    error.name = "SetLater";
    expect(Object.keys(hop(error) as object)).toEqual(["name"]);
    expect((hop(hop(error)) as Error).name).toBe("SetLater");
  });

  it("keeps a message and a code that the class gives through its prototype", () => {
    class Coded extends Error {
      get code(): string {
        return "E_CODED";
      }
      override get message(): string {
        return "from the class";
      }
    }
    const error = new Coded();
    expect(hop(hop(error))).toMatchObject({ code: "E_CODED", message: "from the class" });
  });

  it("keeps errors that Node throws, with code, errno and path", () => {
    try {
      readFileSync("/does/not/exist");
      expect.unreachable();
    } catch (error) {
      expect(difference(error, hop(error))).toBeUndefined();
      expect(hop(error)).toMatchObject({ code: "ENOENT", syscall: "open", path: "/does/not/exist" });
    }
    try {
      new URL("not a url");
      expect.unreachable();
    } catch (error) {
      expect(hop(error)).toMatchObject({ code: "ERR_INVALID_URL", name: "TypeError" });
    }
  });

  it("keeps hidden data, and leaves out hidden functions and symbols, which are behavior", () => {
    const error = Object.defineProperties(new Error("m"), {
      secret: { value: [1], enumerable: false },
      toString: { value: () => "x", enumerable: false },
      [Symbol("kind")]: { value: 1, enumerable: false },
    });
    const back = hop(error) as Error & { secret: unknown };
    expect(back.secret).toEqual([1]);
    expect(Object.keys(back)).toEqual([]);
    expect(Reflect.ownKeys(back).sort()).toEqual(["message", "secret", "stack"]);
  });

  it("keeps errors of the older kind, which only inherit from Error", () => {
    const prototype = Object.create(TypeError.prototype, { name: { value: "OldError" } });
    for (const error of [Object.create(prototype), Object.create(TypeError.prototype)]) {
      error.message = "old";
      expect(hop(error)).toBeInstanceOf(TypeError);
      expect(hop(error)).toMatchObject({ message: "old", name: error.name });
    }
  });

  it("keeps the reason of an aborted signal", () => {
    const signal = AbortSignal.abort();
    const back = hop(signal.reason) as DOMException;
    expect(back).toBeInstanceOf(DOMException);
    expect([back.name, back.code, back.message]).toEqual(["AbortError", 20, "This operation was aborted"]);
    expect(difference(signal.reason, back)).toBeUndefined();
  });

  it("calls no constructor that the data names", () => {
    const text = textOf(withoutStack(new HttpError("m")));
    expect(text).toContain('"class":"HttpError"');
    let called = 0;
    (globalThis as { HttpError?: unknown }).HttpError = class {
      constructor() {
        called++;
      }
    };
    hop(new HttpError("m"));
    Reflect.deleteProperty(globalThis, "HttpError");
    expect(called).toBe(0);
  });
});

describe("an error that is named like another", () => {
  it("is no built-in one because its class bears the name: it comes back as what it extends", () => {
    const Own = { RangeError: class extends Error {} }.RangeError;
    Object.defineProperty(Own.prototype, "name", { value: "RangeError", configurable: true });
    const back = hop(new Own("m")) as Error;
    expect(back).not.toBeInstanceOf(RangeError);
    expect([back.constructor.name, back.name, back.message]).toEqual(["RangeError", "RangeError", "m"]);
  });

  it.each(["", 7])("needs no class with a name: %j", (name) => {
    const Type = class extends TypeError {};
    Object.defineProperty(Type, "name", { value: name });
    const back = hop(new Type("m")) as Error;
    expect(back).toBeInstanceOf(TypeError);
    expect([back.constructor.name, back.message]).toEqual(["TypeError", "m"]);
  });

  it("may have no built-in error left on its prototype chain", () => {
    class Lost extends Error {}
    const error = withoutStack(new Lost("m"));
    Object.setPrototypeOf(Lost.prototype, null);
    const back = hop(error) as Error;
    expect(back).toBeInstanceOf(Error);
    expect([back.constructor.name, back.message]).toEqual(["Lost", "m"]);
  });
});

describe("a DOMException", () => {
  it("keeps its name and message, and its stack, its cause and its own properties where it has them", () => {
    const exception = Object.assign(new DOMException("m", "AbortError"), { own: 1 });
    Object.defineProperty(exception, "cause", { value: { why: 1n }, configurable: true });
    Object.defineProperty(exception, "stack", { value: "at line 1", configurable: true });
    const back = hop(exception) as DOMException & { cause: unknown; own: unknown };
    expect([back.name, back.message, back.code, back.stack, back.own]).toEqual([
      "AbortError",
      "m",
      DOMException.ABORT_ERR,
      "at line 1",
      1,
    ]);
    expect(back.cause).toEqual({ why: 1n });
    expect(Object.keys(back)).toEqual(["own"]);
    Reflect.deleteProperty(exception, "cause");
    expect(Object.hasOwn(hop(exception) as object, "cause")).toBe(false);
  });
});
