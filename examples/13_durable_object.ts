// One memory per customer, each in its Durable Object's own database. Run: npx wrangler dev examples/13_durable_object.ts
// In wrangler.jsonc: "durable_objects": { "bindings": [{ "name": "MEMORY", "class_name": "Memory" }] },
// and "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Memory"] }], because only those classes have a database.
import { Cortex, isValidationError, type ObjectStorageLike } from "../mod.ts";

/** The object: its database holds the memories, and nothing else opens it. */
export class Memory {
  readonly #cortex: Cortex;

  constructor({ storage }: { storage: ObjectStorageLike }) {
    this.#cortex = new Cortex({ storage });
  }

  async fetch(request: Request): Promise<Response> {
    try {
      return await this.#notes(request);
    } catch (error) {
      // Such as a GET without `?q=`: the message names what is wrong.
      if (!isValidationError(error)) throw error;
      return new Response(error.message, { status: 400 });
    }
  }

  async #notes(request: Request): Promise<Response> {
    const memorySpaceId = "notes";
    if (request.method === "GET") {
      const query = new URL(request.url).searchParams.get("q") ?? "";
      const found = await this.#cortex.memory.recall({ memorySpaceId, query });
      return Response.json(found.items.map(({ content }) => content));
    }
    const { memory } = await this.#cortex.memory.store(memorySpaceId, {
      content: await request.text(),
      contentType: "raw",
      source: { type: "system" },
      metadata: { importance: 50, tags: [] },
    });
    return Response.json({ memoryId: memory.memoryId }, { status: 201 });
  }
}

interface Env {
  MEMORY: {
    idFromName(name: string): unknown;
    get(id: unknown): { fetch(request: Request): Promise<Response> };
  };
}

export default {
  /** `/customer`: each has an object of its own. */
  fetch(request: Request, { MEMORY }: Env): Promise<Response> {
    const customer = new URL(request.url).pathname;
    return MEMORY.get(MEMORY.idFromName(customer)).fetch(request);
  },
};
