import { assert, assertEquals } from "@std/assert";
import { schema } from "../../src/convex/index.ts";
import {
  agentSubject,
  spaceSubject,
  userSubject,
} from "../../src/convex/lib/erasure/subjects.ts";
import type { Row } from "../../src/convex/lib/erasure/erasure.ts";
import type { TableName } from "../../src/convex/lib/model.ts";
import type { IndexRange } from "../../src/convex/lib/paging/walk.ts";
import type { Scope } from "../../src/convex/lib/scope.ts";

const SCOPE = { tenantId: undefined, now: 0 } as unknown as Scope;

interface Definition {
  validator: { fields: Record<string, { isOptional: string } | undefined> };
  " indexes"(): { indexDescriptor: string; fields: string[] }[];
}

const { tables } = schema as unknown as {
  tables: Record<string, Definition>;
};

/** A row that leads to every other that a row of its table can lead to. */
const ROW = {
  _id: "id",
  conversationId: "conv",
  memoryId: "mem",
  factId: "fact-2",
  supersedes: "fact-1",
  supersededBy: "fact-3",
} as unknown as Row;

/** A memory whose id no other space can have. */
const WITH_MADE_ID = { ...ROW, memoryId: "mem-1-0123456789abcdef" } as Row;

const subjects = {
  user: userSubject(SCOPE, "ann", ["conv"]),
  agent: agentSubject(SCOPE, "bot"),
  space: spaceSubject(SCOPE, "space"),
};

for (const [name, subject] of Object.entries(subjects)) {
  Deno.test(`a step of what belongs to a ${name} can end within any of its ranges`, () => {
    const names = Object.keys(tables) as TableName[];
    const ranges: IndexRange<TableName>[] = [
      ...subject.ranges,
      ...names.flatMap((table) => subject.links(table, ROW)),
      ...subject.links("memories", WITH_MADE_ID),
    ];
    assert(ranges.length > 5);
    for (const range of ranges) {
      const { table, index, equals, by, after } = range;
      // One row, which is either before the end of a step or after it.
      if (index === "by_id") continue;
      const says = `${table}.${index}`;
      const definition = tables[table]!;
      const fields = definition[" indexes"]()
        .find(({ indexDescriptor }) => indexDescriptor === index)?.fields ?? [];
      const walked = [...equals.map(([field]) => field), by];
      assertEquals(
        walked,
        [...fields, "_creationTime"].slice(0, walked.length),
        says,
      );
      if (by === "_creationTime") continue;
      // Rows without the field are excluded by a lower bound.
      const isThere =
        definition.validator.fields[by]?.isOptional === "required";
      assert(isThere || after !== undefined, `${says}: ${by} may be absent`);
    }
  });
}
