/** A record that is stored for another user keeps what it was before: these versions go with whose they were. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Backend,
  backendTest,
  everything,
  NOW,
  openBackend,
} from "./backend.ts";
import { erase } from "./erase_support.ts";

type Args = Record<string, unknown>;

const RECORD = { type: "plan", id: "p" };

/** Stores a version for each user in turn; the first one's time is `NOW + 1`. */
async function store(backend: Backend, users: string[], args: Args = {}) {
  for (const [at, userId] of users.entries()) {
    await backend.mutation("immutable:store", {
      ...RECORD,
      userId,
      data: { said: `by ${userId} as ${at + 1}` },
      now: NOW + at + 1,
      ...args,
    });
  }
}

async function versions(backend: Backend, args: Args = {}) {
  const history = await backend.query<{ version: number }[]>(
    "immutable:getHistory",
    { ...RECORD, ...args },
  );
  return history.map(({ version }) => version);
}

async function dump(backend: Backend, args: Args = {}): Promise<string[]> {
  const { lines, done } = await backend.query<
    { lines: string[]; done: boolean }
  >("transfer:dump", args);
  assert(done);
  return lines;
}

const load = (backend: Backend, lines: string[], args: Args = {}) =>
  backend.mutation<{ loaded: Args; skipped: number; conflicts: unknown[] }>(
    "transfer:load",
    { lines, ...args },
  );

backendTest(
  "versions of a former owner are erased, counted and found by verification, and all others stay",
  async (backend) => {
    await store(backend, ["alice", "bob", "alice", "alice", "bob", "bob"]);
    await store(backend, ["alice", "bob"], { tenantId: "acme" });
    const alice = { userId: "alice" };
    const found = await backend.query("users:verifyErasure", alice);
    assertEquals(found, { immutable: 3 });
    const dry = await erase(backend, "users:eraseUser", {
      ...alice,
      dryRun: true,
    });
    assertEquals(dry.last.counts, { immutable: 3 });
    assertEquals(await versions(backend), [1, 2, 3, 4, 5, 6]);
    const { last } = await erase(backend, "users:eraseUser", alice);
    assertEquals([last.counts, last.issues], [{ immutable: 3 }, []]);
    assertEquals(await versions(backend), [2, 5, 6]);
    assertEquals(await backend.query("users:verifyErasure", alice), {});
    const tenant = { tenantId: "acme" };
    assertEquals(await versions(backend, tenant), [1, 2]);
    await erase(backend, "users:eraseUser", { ...alice, ...tenant });
    assert(!(await everything(backend)).includes("alice"));
    assertEquals(await versions(backend, tenant), [2]);
  },
);

backendTest(
  "a record that is the erased user's again goes whole, and counts once",
  async (backend) => {
    await store(backend, ["alice", "bob", "alice", "alice"]);
    // Their profile, which names another user by now.
    const profile = { type: "user", id: "alice" };
    await store(backend, ["alice", "bob"], profile);
    const counts = { immutable: 1, profile: 1 };
    for (const dryRun of [true, false]) {
      const { last } = await erase(backend, "users:eraseUser", {
        userId: "alice",
        dryRun,
      });
      assertEquals(last.counts, counts);
    }
    assertEquals(await backend.rows("immutable"), []);
    assertEquals(await backend.rows("immutableVersions"), []);
    assertEquals(await backend.rows("counters"), []);
  },
);

backendTest(
  "a record with gaps is read, pruned, stored and purged by the versions that it has",
  async (backend) => {
    await store(backend, ["bob", "alice", "bob", "alice", "bob", "bob"]);
    await erase(backend, "users:eraseUser", { userId: "alice" });
    const at = (version: number) =>
      backend.query("immutable:getVersion", { ...RECORD, version });
    assertEquals(await at(2), null);
    const page = await backend.query<{ versions: { version: number }[] }>(
      "immutable:historyPage",
      RECORD,
    );
    assertEquals(page.versions.map(({ version }) => version), [1, 3, 5, 6]);
    const current = async (after: number) =>
      (await backend.query<{ version: number }>("immutable:getAtTimestamp", {
        ...RECORD,
        timestamp: NOW + after,
      })).version;
    assertEquals(
      await Promise.all([1, 2, 3, 4, 5, 6].map(current)),
      [1, 1, 3, 3, 5, 6],
    );
    const keep = (keepLatest: number) =>
      backend.mutation("immutable:purgeVersions", { ...RECORD, keepLatest });
    const left = (versionsPurged: number, versionsRemaining: number) => ({
      versionsPurged,
      versionsRemaining,
      done: true,
    });
    assertEquals(await keep(4), left(0, 4));
    await store(backend, ["bob"], { now: NOW + 7 });
    assertEquals(await keep(9), left(0, 5));
    assertEquals(await keep(4), left(1, 4));
    assertEquals(await versions(backend), [3, 5, 6, 7]);
    assertEquals(await keep(3), left(1, 3));
    await store(backend, ["bob"], { now: NOW + 8 });
    assertEquals(await keep(9), left(0, 4));
    const purged = await backend.mutation("immutable:purge", RECORD);
    assertEquals(purged.versionsDeleted, 4);
    assertEquals(await backend.rows("immutableVersions"), []);
  },
);

backendTest(
  "a kept answer that shows a former owner's version is emptied with it",
  async (backend) => {
    await store(backend, ["alice"], { idempotencyKey: "a" });
    const bobs = { ...RECORD, userId: "bob", data: {}, idempotencyKey: "b" };
    await backend.mutation("immutable:store", bobs);
    assert((await everything(backend)).includes("by alice"));
    await erase(backend, "users:eraseUser", { userId: "alice" });
    assert(!(await everything(backend)).includes("alice"));
    const again = () => backend.mutation("immutable:store", bobs);
    await assertRejects(again, Error, "IDEMPOTENCY_CONFLICT");
  },
);

backendTest(
  "a former owner's versions go in steps, however many and however large the record",
  async (backend) => {
    await store(backend, Array(210).fill("alice"));
    await store(backend, ["bob"]);
    const data = { text: "x".repeat(900_000) };
    await store(backend, ["alice", "alice", "alice", "bob"], { id: "q", data });
    await backend.mutation("users:eraseUser", { userId: "alice" });
    // The caller is gone; another one begins anew.
    const { last, steps } = await erase(backend, "users:eraseUser", {
      userId: "alice",
    });
    assert(steps > 1);
    assertEquals(last.counts, { immutable: 213 });
    assertEquals(await versions(backend), [211]);
    assertEquals(await versions(backend, { id: "q" }), [4]);
    assertEquals(await backend.rows("immutableVersions"), []);
  },
);

backendTest(
  "a bundle has the versions of a former owner once, and brings them back to their record alone",
  async (backend) => {
    await store(backend, ["bob", "alice", "bob"]);
    await store(backend, ["alice", "bob", "alice"], { id: "own" });
    const before = await dump(backend);
    const lines = await dump(backend, { userId: "alice" });
    assertEquals(lines.length, 4);
    assertEquals(lines.filter((line) => line.includes("by alice as 2")), [
      lines.at(-1),
    ]);
    await erase(backend, "users:eraseUser", { userId: "alice" });
    const { loaded, skipped } = await load(backend, lines);
    assertEquals([loaded, skipped], [
      { immutable: 1, immutableVersions: 3 },
      0,
    ]);
    const after = (await dump(backend))
      .filter((line) => !line.startsWith('{"table":"deletionRequests"'));
    assertEquals(after.sort(), before.sort());
    assertEquals((await load(backend, lines)).skipped, 4);
    // Again the user's, they are erased again.
    await erase(backend, "users:eraseUser", { userId: "alice" });
    assert(!(await everything(backend)).includes("alice"));
    const target = openBackend();
    try {
      await store(target, ["carol", "carol", "carol"], { now: NOW + 50 });
      const { conflicts } = await load(target, lines);
      assertEquals(conflicts, [{ line: 4, reason: "owner" }]);
    } finally {
      await target.engine.close();
    }
  },
);

backendTest(
  "a record with gaps is carried over with its former owners, to whichever tenant",
  async (source) => {
    await store(source, ["bob", "alice", "carol", "alice", "carol", "bob"]);
    await erase(source, "users:eraseUser", { userId: "alice" });
    const lines = (await dump(source))
      .filter((line) => line.includes('"immutable'));
    const target = openBackend();
    const tenant = { tenantId: "other" };
    try {
      // Broken off, and made again.
      for (let end = 1; end <= lines.length; end++) {
        await load(target, lines.slice(0, end), tenant);
      }
      assertEquals(await versions(target, tenant), [1, 3, 5, 6]);
      const { versionsRemaining } = await target.mutation(
        "immutable:purgeVersions",
        { ...RECORD, ...tenant, keepLatest: 9 },
      );
      assertEquals(versionsRemaining, 4);
      const carol = { userId: "carol", ...tenant };
      const { last } = await erase(target, "users:eraseUser", carol);
      assertEquals(last.counts, { immutable: 2 });
      assertEquals(await versions(target, tenant), [1, 6]);
    } finally {
      await target.engine.close();
    }
  },
);
