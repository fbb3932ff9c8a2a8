import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  backendTest,
  everything,
  fact,
  NOW,
  openBackend,
  SPACE,
  TABLES,
} from "./backend.ts";
import { bob, type Counts, erase, live, type Step } from "./erase_support.ts";
import { realTimers } from "../support/real_timers.ts";

backendTest(
  "an erasure leaves no trace of the user in any table, and all of everybody else",
  async (backend) => {
    await backend.remember(bob(50));
    await live(backend);
    const dry = await erase(backend, "users:eraseUser", {
      userId: "ann",
      dryRun: true,
    });
    const before = await everything(backend);
    assert(before.includes("zebra") && before.includes('"ann"'));
    const { last } = await erase(backend, "users:eraseUser", { userId: "ann" });
    assertEquals([last.done, last.issues], [true, []]);
    const after = await everything(backend);
    // Short ones as whole words: random ids have any letters in them.
    const traces = [/zebra/i, /\bann\b/i, /\bzoe\b/, /Zara/, /conv-2/];
    for (const trace of traces) {
      const at = after.search(trace);
      assertEquals(
        after.slice(Math.max(0, at - 100), at + 50) && at,
        -1,
        `${trace}`,
      );
    }
    assert(after.includes("bob") && after.includes("question 50"));
    const counted = Object.keys(dry.sum);
    assertEquals(
      counted.map((table) => [table, last.counts[table]]),
      counted.map((table) => [table, dry.sum[table]]),
    );
    assertEquals(last.counts.conversations, 2);
    assertEquals(last.counts.messages, 6);
    assertEquals(last.counts.memories, 8);
    assertEquals(last.counts.profile, 1);
    assertEquals(last.counts.mutable, 2);
    assertEquals(last.counts.spaceParticipants, 1);
    const left = await backend.query("users:verifyErasure", { userId: "ann" });
    assertEquals(left, {});
    const [space] = (await backend.rows("memorySpaces"))
      .filter(({ memorySpaceId }) => memorySpaceId === "space-3");
    assertEquals(
      (space?.participants as { id: string }[]).map(({ id }) => id),
      ["bob"],
    );
  },
);

backendTest(
  "words of an erased user are gone from the search texts of neighbours that stay",
  async (backend) => {
    await backend.remember(bob(1, { conversationId: "shared" }));
    await backend.mutation("memories:store", {
      memorySpaceId: SPACE,
      memoryId: "mem-ann",
      userId: "ann",
      content: "I adore zebras",
      contentType: "raw",
      sourceType: "conversation",
      sourceTimestamp: NOW + 20,
      importance: 50,
      tags: [],
      conversationRef: { conversationId: "shared", messageIds: ["x"] },
    });
    assert((await everything(backend)).includes("zebra"));
    const texts = (await backend.rows("memories"))
      .filter(({ searchText }) => String(searchText).includes("zebra"));
    assert(texts.length > 1);
    await erase(backend, "users:eraseUser", { userId: "ann" });
    assertEquals((await everything(backend)).includes("zebra"), false);
    assertEquals((await backend.rows("memories")).length, 2);
  },
);

backendTest(
  "words of an erased or changed memory are gone from those of its very time, however many",
  async (backend) => {
    const store = (at: number, changes: Record<string, unknown> = {}) =>
      backend.mutation("memories:store", {
        memorySpaceId: SPACE,
        memoryId: `mem-${at}`,
        userId: "bob",
        content: `note ${at}`,
        contentType: "raw",
        sourceType: "conversation",
        sourceTimestamp: NOW,
        importance: 50,
        tags: [],
        conversationRef: { conversationId: "shared", messageIds: [] },
        ...changes,
      });
    for (let at = 0; at < 14; at++) {
      await store(at, {
        ...at === 2 && { userId: "ann", content: "I adore zebras" },
        ...at === 3 && { content: "I adore okapis" },
      });
    }
    const texts = async () =>
      (await backend.rows("memories")).map(({ searchText }) =>
        String(searchText)
      );
    await erase(backend, "users:eraseUser", { userId: "ann" });
    assertEquals((await texts()).filter((text) => text.includes("zebra")), []);
    await backend.mutation("memories:update", {
      memorySpaceId: SPACE,
      memoryId: "mem-3",
      content: "I adore llamas",
    });
    const after = await texts();
    assertEquals(after.filter((text) => text.includes("okapi")), []);
    // Its own, the one before and the two after it.
    assertEquals(after.filter((text) => text.includes("llama")).length, 4);
  },
);

backendTest("an erasure stays in its tenant", async (backend) => {
  await live(backend, { tenantId: "a" });
  await live(backend, { tenantId: "b" });
  const rows = async () => {
    const all = await Promise.all(
      TABLES.map(async (table) =>
        (await backend.rows(table)).filter(({ tenantId }) => tenantId === "b")
      ),
    );
    return JSON.stringify(all);
  };
  const before = await rows();
  const nobody = await erase(backend, "users:eraseUser", { userId: "ann" });
  assertEquals(nobody.last.counts, {});
  await erase(backend, "users:eraseUser", { userId: "ann", tenantId: "a" });
  assertEquals(await rows(), before);
  assertEquals(
    await backend.query("users:verifyErasure", {
      userId: "ann",
      tenantId: "a",
    }),
    {},
  );
});

backendTest(
  "a large erasure goes in steps, survives a crash and counts once",
  async (backend) => {
    for (let n = 0; n < 120; n++) {
      await backend.remember({ n, conversationId: `conv-${n % 60}` });
    }
    const dry = await erase(backend, "users:eraseUser", {
      userId: "ann",
      dryRun: true,
    });
    const first = await backend.mutation<Step>("users:eraseUser", {
      userId: "ann",
    });
    assertEquals(first.done, false);
    // The caller is gone; another one begins anew.
    const { last, steps } = await erase(backend, "users:eraseUser", {
      userId: "ann",
    });
    assert(steps > 2);
    assertEquals(last.counts.conversations, 60);
    assertEquals(last.counts.messages, 240);
    assertEquals(last.counts.memories, 240);
    assertEquals(dry.sum, {
      conversations: 60,
      messages: 240,
      memories: 240,
      profile: 1,
    });
    const [request, ...others] = await backend.rows("deletionRequests");
    assertEquals(others, []);
    assertEquals([request?.status, request?.subjectId], [
      "complete",
      undefined,
    ]);
    assertEquals((await everything(backend)).includes('"ann"'), false);
  },
);

backendTest(
  "no caller's clock keeps an erasure that is given up from going on",
  async (backend) => {
    await backend.remember();
    await backend.mutation("users:eraseUser", { userId: "ann", now: 8e15 });
    const [job] = await backend.rows("deletionRequests");
    assertEquals(job!.requestedAt, 8e15);
    assert(Number(job!.steppedAt) <= Date.now());
  },
);

Deno.test("an erasure that was given up goes on by itself, to its end and whatever others do", async () => {
  const backend = openBackend({
    crons: false,
    timers: realTimers,
  });
  for (let n = 0; n < 150; n++) await backend.remember({ n });
  const args = { userId: "ann" };
  const first = await backend.mutation<Step>("users:eraseUser", args);
  assertEquals(first.done, false);
  const [job] = await backend.rows("deletionRequests");
  const { _id, _creationTime, subjectId, ...row } = job!;
  // An import can bring jobs that run where it comes from; here, they would erase what others have stored.
  for (let n = 0; n < 6; n++) {
    const forged = { ...row, requestId: `forged-${n}`, steppedAt: n };
    const named = n > 2 && { subjectId: `${subjectId}${n}` };
    const line = { table: "deletionRequests", row: { ...forged, ...named } };
    const load = () =>
      backend.mutation("transfer:load", {
        lines: [JSON.stringify(line)],
        tenantId: "other",
      });
    const conflicts = [{ line: 1, reason: "erasing" }];
    const loaded = { deletionRequests: 1 };
    assertEquals(await load(), { loaded, skipped: 0, conflicts });
    assertEquals(await load(), { loaded: {}, skipped: 1, conflicts });
  }
  const run = (minutes: number) =>
    backend.internal("users:resumeDeletions", {
      now: NOW + minutes * 60_000,
    });
  assertEquals(await run(9), { resumed: 0 });
  assertEquals((await run(11)).resumed, 1);
  const running = async () =>
    (await backend.rows("deletionRequests"))
      .filter(({ status }) => status === "running");
  for (let turn = 0; turn < 2000 && (await running()).length > 0; turn++) {
    await new Promise((wait) => setTimeout(wait, 5));
  }
  assertEquals(await backend.query("users:verifyErasure", args), {});
  assertEquals((await backend.rows("memories")).length, 0);
  const statuses = (await backend.rows("deletionRequests"))
    .map((row) => [row.status, row.subjectId]);
  assertEquals(statuses, [
    ["complete", undefined],
    ...Array.from({ length: 6 }, () => ["failed", undefined]),
  ]);
  assertEquals(await run(60), { resumed: 0 });
  await backend.engine.close();
});

backendTest(
  "the deletion of a space tells its reason also where it went on by itself",
  async (backend) => {
    const space = { memorySpaceId: SPACE };
    await backend.mutation("memorySpaces:register", {
      ...space,
      type: "team",
      participants: [],
    });
    for (let n = 0; n < 150; n++) await backend.remember({ n });
    const first = await backend.mutation("memorySpaces:deleteSpace", {
      ...space,
      cascade: true,
      confirmId: SPACE,
      reason: "the contract ended",
    });
    assertEquals(first.done, false);
    const job = async () => (await backend.rows("deletionRequests"))[0]!;
    const { _id: request } = await job();
    for (let step = 0; (await job()).status === "running"; step++) {
      assert(step < 50);
      await backend.internal("users:resumeDeletion", { request });
    }
    const { status, reason } = await job();
    assertEquals([status, reason], ["complete", "the contract ended"]);
  },
);

backendTest(
  "jobs that were tried last go on last, and stay of the organisation that began them",
  async (backend) => {
    for (let n = 0; n < 150; n++) await backend.remember({ n });
    await backend.mutation("users:eraseUser", {
      userId: "ann",
      organizationId: "one",
    });
    const job = async () =>
      (await backend.rows("deletionRequests"))
        .find(({ subjectId }) => subjectId === "ann")!;
    const args = { userId: "ann", organizationId: "two" };
    await backend.mutation("users:eraseUser", args);
    const { organizationId, subjectId, status } = await job();
    assertEquals([organizationId, subjectId, status], [
      "one",
      "ann",
      "running",
    ]);
    const before = (await job()).steppedAt as number;
    const now = Date.now();
    const later = { now: before + 11 * 60_000 };
    assertEquals(await backend.internal("users:resumeDeletions", later), {
      resumed: 1,
    });
    // As of one whose step always fails: nothing but the try itself moves it behind the others.
    assert((await job()).steppedAt as number >= Math.min(later.now, now));
    assertEquals(await backend.internal("users:resumeDeletions", later), {
      resumed: 0,
    });
  },
);

backendTest(
  "the erasure of an agent leaves what users said, and other agents",
  async (backend) => {
    await backend.remember({ n: 1, participantId: "helper" });
    await backend.remember({
      n: 2,
      agentId: "other",
      conversationId: "conv-2",
    });
    await backend.mutation("agents:register", {
      agentId: "lazy",
      name: "Lazy",
    });
    const { last } = await erase(backend, "agents:eraseAgent", {
      agentId: "other",
    });
    assertEquals(last.counts.memories, 1);
    assertEquals(last.counts.conversations, 1);
    assertEquals(last.counts.agents, 1);
    const memories = (await backend.rows("memories")).map((row) =>
      row.memoryId
    );
    assertEquals(memories, ["mem-u1", "mem-a1", "mem-u2"]);
    const nothing = await erase(backend, "agents:eraseAgent", { agentId: "x" });
    assertEquals(nothing.last.counts, {});
  },
);

backendTest(
  "a space goes with all it holds, its id included, in steps, and nothing of another space",
  async (backend) => {
    for (let n = 0; n < 110; n++) {
      await backend.remember({ n, facts: n === 0 ? [fact("f1")] : [] });
    }
    await backend.remember({
      n: 500,
      memorySpaceId: "b",
      conversationId: "cb",
    });
    const args = { memorySpaceId: SPACE, cascade: true, reason: "test" };
    let calls = 0;
    let result: Record<string, unknown> = {};
    do {
      calls++;
      result = await backend.mutation("memorySpaces:deleteSpace", args);
      if (calls === 1) {
        const error = await assertRejects(() => backend.remember({ n: 900 }));
        assertStringIncludes(error.message, "MEMORYSPACE_DELETING");
      }
    } while (result.done !== true);
    assert(calls > 1);
    const { totalBytes, ...counts } = result.cascade as Counts;
    assertEquals(counts, {
      conversationsDeleted: 1,
      memoriesDeleted: 220,
      factsDeleted: 1,
    });
    assert(totalBytes! > 10_000);
    assertEquals((await backend.rows("memories")).length, 2);
    assertEquals((await backend.rows("messages")).length, 2);
    assertEquals((await everything(backend)).includes(SPACE), false);
  },
);
