import { assertStrictEquals, assertThrows } from "@std/assert";
import { StoreError } from "../../errors.ts";
import type { StoreRange, SyncStore } from "../../store/types.ts";

/** What a case of the store contract needs. */
export interface StoreSubject {
  /** Opens an empty store of its own. The case closes it. */
  open(): SyncStore;
  /** Reopens the store that was opened last and is closed; only for stores that keep their content. */
  reopen?(): SyncStore;
}

/** Runs a check on a fresh store and closes it. */
export function onStore(
  subject: StoreSubject,
  check: (store: SyncStore) => void,
): void {
  const store = subject.open();
  try {
    check(store);
  } finally {
    store.close();
  }
}

/** Fails unless a call throws a StoreError with the code. */
export function assertStoreError(
  run: () => unknown,
  code: string,
  text?: string,
): void {
  const error = assertThrows(run, StoreError, text);
  assertStrictEquals((error as StoreError).code, code);
}

/** Entries of a range as `key=value` texts. */
export function scanned(store: SyncStore, range: StoreRange): string[] {
  return [...store.scan(range)].map(({ key, value }) => `${key}=${value}`);
}
