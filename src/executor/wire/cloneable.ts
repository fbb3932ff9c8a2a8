/** Finds values that cannot be cloned or transferred, and says which part of them is at fault. */
import { ExecutorError } from "../../errors.ts";

/** The error for a value that cannot be sent. It names the path of the part at fault. */
export function notCloneable(
  name: string,
  value: unknown,
  cause: unknown,
  transfer: readonly object[] = [],
): ExecutorError {
  // Transferred objects are not cloned; and on Deno they are detached by now, whatever was at fault.
  const found = findUncloneable(value, name, transfer) ??
    findUncloneable(value, name);
  const message = found
    ? `${found.path} cannot be cloned: it is ${found.what}${hint(found.what)}`
    : `${name} cannot be cloned or moved: ${messageOf(cause)}`;
  return new ExecutorError("NOT_CLONEABLE", message, {
    data: { path: found?.path ?? name },
    cause,
  });
}

/** A hint on how to pass a value of this kind. */
function hint(what: string): string {
  if (what.endsWith("Generator")) return "; stream() gives its items";
  return what.endsWith(" Promise") ? "; await it first" : "";
}

/** The path and kind of the first part that cannot be cloned, apart from `moved`; `undefined` when there is none. */
export function findUncloneable(
  root: unknown,
  name: string,
  moved: readonly object[] = [],
): { path: string; what: string } | undefined {
  const seen = new Set(moved);
  const path: string[] = [];
  const found = (what: string) => ({ path: path.join(""), what });
  const walks: Iterator<Part>[] = [[{ key: name, read: () => root }].values()];
  try {
    for (let walk = walks.at(-1); walk; walk = walks.at(-1)) {
      path.length = walks.length - 1;
      const { done, value: part } = walk.next();
      if (done) {
        walks.pop();
        continue;
      }
      path.push(part.key);
      const value = part.read();
      if (typeof value === "function") {
        return found(`a function ${value.name}`.trim());
      }
      if (typeof value === "symbol") return found(String(value));
      if (typeof value !== "object" || value === null || seen.has(value)) {
        continue;
      }
      seen.add(value);
      if (ArrayBuffer.isView(value) && moved.includes(value.buffer)) continue;
      if (hasParts(value)) walks.push(partsOf(value));
      else if (!canClone(value)) {
        const moved = isMoved(value) ? " that was moved before" : "";
        return found(`a value of class ${classOf(value)}${moved}`);
      }
    }
  } catch (error) {
    // A getter or a proxy's trap threw.
    return found(`a value that throws when it is read: ${messageOf(error)}`);
  }
  return undefined;
}

/** True when the value can be cloned. */
export function canClone(value: unknown): boolean {
  if (typeof value === "function" || typeof value === "symbol") return false;
  if (typeof value !== "object" || value === null) return true;
  try {
    // Ports cannot be cloned, and Node crashes when asked to clone one that is closed or transferred.
    if (typeof EventTarget === "function" && value instanceof EventTarget) {
      return false;
    }
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/**
 * Throws when an object cannot be transferred, because it already was or because it is listed twice. Hosts do not check
 * alike: Node 20 treats a detached buffer as an empty one, and Deno accepts the same buffer twice.
 */
export function checkTransfer(transfer: readonly unknown[]): void {
  if (new Set(transfer).size < transfer.length) {
    throw new DOMException("an object is listed twice", "DataCloneError");
  }
  for (const [at, object] of transfer.entries()) {
    const problem = transferProblem(object);
    if (problem === undefined) continue;
    const message = `transfer[${at}] is ${problem}`;
    throw new DOMException(message, "DataCloneError");
  }
}

/** Why an object cannot be transferred, as far as this can be known in advance. */
function transferProblem(object: unknown): string | undefined {
  if (typeof object !== "object" || object === null) {
    return object === null ? "null" : `a ${typeof object}`;
  }
  if (isMoved(object)) return "a buffer that was moved before";
  if (ArrayBuffer.isView(object)) {
    return `a ${classOf(object)}, which cannot move: list its buffer`;
  }
  const name = classOf(object);
  const isCopied = hasParts(object) || name === "SharedArrayBuffer";
  return isCopied ? `a value of class ${name}, which cannot move` : undefined;
}

/** True for a detached buffer, and for a view of one. */
function isMoved(value: object): boolean {
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
  return buffer instanceof ArrayBuffer && isDetached(buffer);
}

function isDetached(buffer: ArrayBuffer): boolean {
  // Node 20 has no `detached`. Trying to make a view would tell, too, but Bun's garbage collector would count the buffer
  // twice, and run sooner.
  if (buffer.detached !== undefined) return buffer.detached;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** A part of a value: the path to it, and how to get it. */
interface Part {
  key: string;
  read: () => unknown;
}

/** True for a value that is cloned part by part. */
function hasParts(value: object): boolean {
  if (Array.isArray(value) || value instanceof Map || value instanceof Set) {
    return true;
  }
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function* partsOf(value: object): Generator<Part, undefined> {
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) {
      yield { key: `[${at}]`, read: () => value[at] };
    }
  } else if (value instanceof Map) {
    let at = 0;
    for (const [key, item] of value) {
      yield { key: `.keys[${at++}]`, read: () => key };
      yield { key: `.get(${label(key)})`, read: () => item };
    }
  } else if (value instanceof Set) {
    let at = 0;
    for (const item of value) {
      yield { key: `.values[${at++}]`, read: () => item };
    }
  } else {
    for (const key of Object.keys(value)) {
      yield {
        key: /^[A-Za-z_$][\w$]*$/.test(key)
          ? `.${key}`
          : `[${JSON.stringify(key)}]`,
        read: () => (value as { [key: string]: unknown })[key],
      };
    }
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function label(key: unknown): string {
  return typeof key === "string"
    ? JSON.stringify(key.slice(0, 40))
    : String(key).slice(0, 40);
}

/** Name of an object's class. */
export function classOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1) === "Object"
    ? value.constructor?.name || "Object"
    : Object.prototype.toString.call(value).slice(8, -1);
}
