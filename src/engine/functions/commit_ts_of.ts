import { isCommitTs } from "../../values/is_commit_ts.ts";

/** What a registered function has that runs it with arguments as JSON. */
export interface Invoked {
  invokeMutation?(args: string): Promise<unknown>;
}

/**
 * The placeholder for timestamps of commits of the copy of `convex` that made a mutation; undefined: it has none,
 * or is of another realm.
 *
 * A library may ask whether a value is `instanceof` its copy's class, as `getConvexSize` does, and what is bundled has a
 * copy of its own in each component. No export of a module leads to the class. But a copy that invokes its function by
 * itself reads the arguments from JSON, and a placeholder in the place of their array is refused, before the handler
 * could run, for want of an iterator; being asked for one is what shows it.
 */
export function commitTsOf(
  { invokeMutation }: Invoked,
): object | undefined {
  let found: object | undefined;
  const iterator: PropertyDescriptor & ThisType<object> = {
    configurable: true,
    get() {
      if (isCommitTs(this)) found = this;
      return undefined;
    },
  };
  try {
    Object.defineProperty(Object.prototype, Symbol.iterator, iterator);
  } catch {
    // Frozen.
    return undefined;
  }
  try {
    invokeMutation?.('{"$commitTs":null}').catch(() => {});
  } catch {
    // A copy of another make.
  } finally {
    Reflect.deleteProperty(Object.prototype, Symbol.iterator);
  }
  return found;
}
