/** Archives whose clients take their time. */
import { assert, assertEquals } from "@std/assert";
import { mutationGeneric } from "convex/server";
import { v } from "convex/values";
import { readZip } from "../../src/server/transfer/zip.ts";
import { Admin, modules } from "../support/admin.ts";
import { pause } from "../../src/testing/support/pause.ts";

/** More than is read at once. */
const NOTES = 6;
/** Characters of each. */
const LONG = 900_000;
const HOUR_MS = 3_600_000;

/** An export that has begun, on a clock that a case moves. */
interface Export {
  admin: Admin;
  body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Moves the clock by so much, and commits something. */
  later(ms: number): Promise<void>;
  /** Timers that go on. */
  timers: Map<number, () => void>;
}

function exportCase(name: string, run: (begun: Export) => Promise<void>) {
  Deno.test(name, async () => {
    const host = globalThis as unknown as { [name: string]: unknown };
    const { setInterval, clearInterval } = host;
    const timers: Map<number, () => void> = new Map();
    const everyMs: Map<number, number> = new Map();
    let lastId = 0;
    host.setInterval = (callback: () => void, ms: number) => {
      timers.set(++lastId, callback);
      everyMs.set(lastId, ms);
      return lastId;
    };
    host.clearInterval = (id: number) => timers.delete(id);
    let nowMs = Date.UTC(2026, 0, 1);
    const admin = new Admin({ app: { modules, now: () => nowMs } });
    try {
      const add = (text: string) =>
        admin.engine.run("mutation", "notes:add", { text }, {});
      for (let at = 0; at < NOTES; at++) await add(randomText());
      await admin.send("export/request/zip");
      const ts = admin.engine.timestamp();
      const { body } = await admin.send(`export/zip/${ts}`, undefined, "GET");
      const later = async (ms: number) => {
        await add("later");
        const untilMs = nowMs + ms;
        while (nowMs < untilMs) {
          const [every = ms] = [...timers.keys()].map((id) => everyMs.get(id)!);
          nowMs += every;
          for (const callback of timers.values()) callback();
        }
        await add("later still");
      };
      await run({ admin, body: body!, later, timers });
      await admin.engine.close();
    } finally {
      Object.assign(host, { setInterval, clearInterval });
    }
  });
}

function randomText(): string {
  const text: string[] = [];
  for (let left = LONG; left > 0; left -= 36) text.push(crypto.randomUUID());
  return text.join("");
}

exportCase(
  "an archive has the documents of its time, however long its client waits in between",
  async ({ body, later, timers }) => {
    const reader = body.getReader();
    const pieces = [(await reader.read()).value!];
    await later(HOUR_MS);
    for (let piece; (piece = (await reader.read()).value);) pieces.push(piece);
    const archive = new Uint8Array(await new Blob(pieces).arrayBuffer());
    const lines: { [name: string]: number } = {};
    for (const { name, read } of await readZip(archive)) {
      const text = new TextDecoder().decode(await read());
      lines[name] = text.split("\n").length - 1;
      assert(!text.includes("later"));
    }
    assertEquals(lines, { "notes/documents.jsonl": NOTES });
    assertEquals(timers.size, 0);
  },
);

exportCase(
  "the state of an archive is held no longer than its client waits for it",
  async ({ body, timers }) => {
    const reader = body.getReader();
    assert((await reader.read()).value!.length > 0);
    assertEquals(timers.size, 1);
    await reader.cancel();
    while (timers.size > 0) await pause(1);
  },
);

Deno.test("an archive has the files of its time, also those deleted while its client waits", async () => {
  const functions = {
    token: mutationGeneric(({ storage }) => storage.generateUploadUrl()),
    remove: mutationGeneric({
      args: { id: v.id("_storage") },
      handler: ({ storage }, { id }) => storage.delete(id),
    }),
  };
  const admin = new Admin({ app: { modules: { files: functions } } });
  const { engine } = admin;
  const url = await engine.mutation("files:token", {});
  const token = new URL(String(url)).searchParams.get("token")!;
  // Each is read in several pieces, which do not compress.
  const contents = [1, 2].map(() => new TextEncoder().encode(randomText()));
  const bytes = contents.map((one) => new Uint8Array([...one, ...one]));
  const ids: string[] = [];
  for (const one of bytes) ids.push(await engine.files.upload(token, one));
  await admin.send("export/request/zip?includeStorage=true");
  const ts = engine.timestamp();
  const { body } = await admin.send(`export/zip/${ts}`, undefined, "GET");
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const piece of body!) {
    pieces.push(piece);
    const before = length;
    length += piece.length;
    if (before > LONG || length <= LONG) continue;
    // The first file is on its way.
    for (const id of ids) await engine.mutation("files:remove", { id });
  }
  const archive = new Uint8Array(await new Blob(pieces).arrayBuffer());
  const text = (bytes?: Uint8Array) => new TextDecoder().decode(bytes);
  const packed = new Map(
    (await readZip(archive)).map(({ name, read }) => [name, read]),
  );
  const have = await Promise.all(
    ids.map(async (id) => text(await packed.get(`_storage/${id}`)?.())),
  );
  assert(have.every((one, at) => one === text(bytes[at])), "a file is missing");
  await engine.close();
});
