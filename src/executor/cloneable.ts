/** Finds what cannot be cloned, and parts values that would share objects when they are cloned together. */

/** Path of the first part of a value that cannot be cloned, and what it is; `undefined` when all of it can. */
export function findUncloneable(
  root: unknown,
  name: string,
): { path: string; what: string } | undefined {
  const seen = new Set<object>();
  const stack: { value: unknown; path: string }[] = [{
    value: root,
    path: name,
  }];
  for (let item = stack.pop(); item; item = stack.pop()) {
    const { value, path } = item;
    if (typeof value === "function") {
      return { path, what: `a function ${value.name}`.trim() };
    }
    if (typeof value === "symbol") return { path, what: String(value) };
    if (typeof value !== "object" || value === null || seen.has(value)) {
      continue;
    }
    seen.add(value);
    const parts = partsOf(value);
    if (parts) {
      for (let at = parts.length - 1; at >= 0; at--) {
        stack.push({ value: parts[at]!.value, path: path + parts[at]!.key });
      }
    } else if (!canClone(value)) {
      return { path, what: `a value of class ${classOf(value)}` };
    }
  }
  return undefined;
}

/** True when the value can be cloned. */
export function canClone(value: unknown): boolean {
  if (typeof value === "function" || typeof value === "symbol") return false;
  if (typeof value !== "object" || value === null) return true;
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes the values of one message independent of one another, in place: a value that shares an object with an earlier
 * one is cloned first. Objects that a value repeats within itself stay repeated.
 */
export function part(values: unknown[]): void {
  if (values.length < 2) return;
  const owners = new Map<object, number>();
  values.forEach((value, index) => {
    if (!sharesWithOthers(value, index, owners)) return;
    try {
      values[index] = structuredClone(value);
    } catch {
      // Posting it will fail, too, and say why.
    }
  });
}

/**
 * Throws when an object cannot move, because it did already or because it is listed twice. Hosts differ: Node 20 takes
 * a buffer that moved away for an empty one, Deno takes one twice.
 */
export function checkTransfer(transfer: readonly ArrayBufferLike[]): void {
  if (new Set(transfer).size < transfer.length) {
    throw new DOMException("an object is to move twice", "DataCloneError");
  }
  for (const object of transfer) {
    try {
      // Throws on a buffer that moved away; `detached` is not everywhere.
      if (object instanceof ArrayBuffer) new Uint8Array(object);
    } catch {
      throw new DOMException("an object moved away before", "DataCloneError");
    }
  }
}

function sharesWithOthers(
  root: unknown,
  index: number,
  owners: Map<object, number>,
): boolean {
  if (typeof root !== "object" || root === null) return false;
  const stack: unknown[] = [root];
  while (stack.length > 0) {
    let value = stack.pop();
    if (typeof value !== "object" || value === null) continue;
    // Two views of one buffer share it.
    if (ArrayBuffer.isView(value)) value = value.buffer;
    const owner = owners.get(value as object);
    if (owner === index) continue;
    if (owner !== undefined) return true;
    owners.set(value as object, index);
    if (Array.isArray(value)) {
      for (const item of value) {
        if (typeof item === "object" && item !== null) stack.push(item);
      }
    } else if (value instanceof Map) {
      for (const [key, item] of value) stack.push(key, item);
    } else if (value instanceof Set) {
      for (const item of value) stack.push(item);
    } else {
      for (const key of Object.keys(value as object)) {
        const item = (value as { [key: string]: unknown })[key];
        if (typeof item === "object" && item !== null) stack.push(item);
      }
    }
  }
  return false;
}

function partsOf(
  value: object,
): { key: string; value: unknown }[] | undefined {
  if (Array.isArray(value)) {
    return value.map((item, index) => ({ key: `[${index}]`, value: item }));
  }
  if (value instanceof Map) {
    return [...value].flatMap(([key, item], index) => [
      { key: `.keys[${index}]`, value: key },
      { key: `.get(${label(key)})`, value: item },
    ]);
  }
  if (value instanceof Set) {
    return [...value].map((item, index) => ({
      key: `.values[${index}]`,
      value: item,
    }));
  }
  const prototype = Object.getPrototypeOf(value);
  const isPlain = prototype === null || prototype === Object.prototype ||
    Object.getPrototypeOf(prototype) === null;
  if (!isPlain) return undefined;
  return Object.keys(value).map((key) => ({
    key: /^[A-Za-z_$][\w$]*$/.test(key)
      ? `.${key}`
      : `[${JSON.stringify(key)}]`,
    value: (value as { [key: string]: unknown })[key],
  }));
}

function label(key: unknown): string {
  return typeof key === "string"
    ? JSON.stringify(key.slice(0, 40))
    : String(key).slice(0, 40);
}

function classOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1) === "Object"
    ? value.constructor?.name || "Object"
    : Object.prototype.toString.call(value).slice(8, -1);
}
