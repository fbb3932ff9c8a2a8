import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  readZip,
  writeZip,
  type ZipEntry,
} from "../../src/server/transfer/zip.ts";

async function* entriesOf(
  files: { [name: string]: string[] },
): AsyncGenerator<ZipEntry> {
  for (const [name, texts] of Object.entries(files)) {
    const content = (async function* () {
      for (const text of texts) yield new TextEncoder().encode(text);
    })();
    yield { name, content };
  }
}

async function bytesOf(files: { [name: string]: string[] }) {
  return await new Response(writeZip(entriesOf(files))).bytes();
}

Deno.test("an archive gives back what was put into it", async () => {
  const archive = await bytesOf({
    "a/documents.jsonl": ["one\n", "", "two\n"],
    "a/grüße": [],
  });
  const found: { [name: string]: string } = {};
  for (const { name, read } of await readZip(archive)) {
    found[name] = new TextDecoder().decode(await read());
  }
  assertEquals(found, { "a/documents.jsonl": "one\ntwo\n", "a/grüße": "" });
});

Deno.test("giving up on an archive ends its packing", async () => {
  const ended = Promise.withResolvers<void>();
  async function* endless() {
    try {
      while (true) yield crypto.getRandomValues(new Uint8Array(65536));
    } finally {
      ended.resolve();
    }
  }
  const reader = writeZip((async function* () {
    yield { name: "endless", content: endless() };
  })()).getReader();
  assert((await reader.read()).value!.length > 0);
  await reader.cancel();
  await ended.promise;
});

Deno.test("content that fails fails the archive", async () => {
  const archive = writeZip((async function* () {
    yield {
      name: "broken",
      content: (async function* () {
        yield new Uint8Array(10);
        throw new Error("the disk is gone");
      })(),
    };
  })());
  await assertRejects(
    () => new Response(archive).bytes(),
    Error,
    "the disk is gone",
  );
});

Deno.test("a bit that tips in an archive is noticed, or changes nothing", async () => {
  const archive = await bytesOf({ a: ["some content"] });
  let noticed = 0;
  for (let bit = 0; bit < archive.length * 8; bit++) {
    const damaged = archive.slice();
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    try {
      for (const { read } of await readZip(damaged)) {
        assertEquals(new TextDecoder().decode(await read()), "some content");
      }
    } catch (error) {
      assert(error instanceof TypeError, String(error));
      noticed++;
    }
  }
  assert(noticed > 100, `${noticed} were noticed`);
});
