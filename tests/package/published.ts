import { deno, pathOf } from "../../tools/command.ts";

/** What `deno publish` sends for a staged folder: the content of each file by path. */
export async function published(
  folder: string,
): Promise<Map<string, string>> {
  let body: Uint8Array<ArrayBuffer> | undefined;
  await using registry = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      if (request.method === "POST") {
        body = new Uint8Array(await request.arrayBuffer());
        return Response.json({ id: "1", status: "success", error: null });
      }
      // The package is there, the version is not yet.
      return request.url.includes("/versions/")
        ? Response.json({ code: "packageVersionNotFound", message: "absent" }, {
          status: 404,
        })
        : Response.json({ scope: "cortex", name: "memory", description: "" });
    },
  );
  const { code, stderr } = await deno(
    [
      ...["publish", "--allow-dirty", "--no-provenance", "--token", "none"],
      // `deno task publish:dry` checks the types of what is staged.
      "--no-check",
    ],
    {
      cwd: pathOf(folder),
      env: { JSR_URL: `http://127.0.0.1:${registry.addr.port}/` },
      quiet: true,
    },
  );
  if (code !== 0 || !body) throw new Error(`deno publish failed:\n${stderr}`);
  const tar = new Blob([body]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  return untar(new Uint8Array(await new Response(tar).arrayBuffer()));
}

/** Files of a tar archive: blocks of 512 bytes, a header before each file. */
function untar(tar: Uint8Array): Map<string, string> {
  const decoder = new TextDecoder();
  const field = (start: number, end: number) =>
    decoder.decode(tar.subarray(start, end)).replace(/\0.*$/s, "");
  const files = new Map<string, string>();
  for (let at = 0; at < tar.length && tar[at] !== 0;) {
    const size = parseInt(field(at + 124, at + 136), 8);
    const prefix = field(at + 345, at + 500);
    const name = (prefix && prefix + "/") + field(at, at + 100);
    const start = at + 512;
    files.set(name, decoder.decode(tar.subarray(start, start + size)));
    at = start + Math.ceil(size / 512) * 512;
  }
  return files;
}
