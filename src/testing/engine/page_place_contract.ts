/** Cursors that were manipulated to point elsewhere. */
import { assertEquals } from "@std/assert";
import { page } from "./page_contract.ts";
import { addNote, engineCase, type EngineSubject } from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** Bytes of a cursor that identify its query. */
const PRINT_LENGTH = 8;

function bytesOf(cursor: string): string {
  return atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
}

function textOf(bytes: string): string {
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_")
    .replace(/=+$/, "");
}

/** Where pages with manipulated cursors end. */
export const enginePagePlaceContract: ContractCase<EngineSubject>[] = [
  engineCase(
    "no place that is written into a cursor leads a page out of its range",
    async (engine) => {
      for (const owner of ["ada", "bob", "cid"]) {
        for (const rank of [1, 2, 3]) await addNote(engine, owner, { rank });
      }
      const first = { numItems: 1, cursor: null };
      for (const order of ["asc", "desc"]) {
        const own = await page(engine, first, { owner: "bob", order });
        const places = [
          await cursorOf("ada", order),
          await cursorOf("cid", order),
        ]
          .map((cursor) => bytesOf(cursor).slice(PRINT_LENGTH));
        for (const place of [...places, "A", "A\xff", "A~~~"]) {
          const cursor = textOf(
            bytesOf(own.continueCursor).slice(0, PRINT_LENGTH) + place,
          );
          for (
            const options of [
              { numItems: 9, cursor },
              { numItems: 9, cursor: null, endCursor: cursor },
              { numItems: 9, cursor: own.continueCursor, endCursor: cursor },
            ]
          ) {
            const read = await page(engine, options, { owner: "bob", order });
            const owners = new Set(read.page.map(({ owner }) => owner));
            owners.delete("bob");
            assertEquals([...owners], [], JSON.stringify(options));
          }
        }
      }

      async function cursorOf(owner: string, order: string): Promise<string> {
        return (await page(engine, first, { owner, order })).continueCursor;
      }
    },
  ),
];
