/** What finds text where there is no memory module: a search library, or SQLite's full-text index. */
import { pathOf } from "../../../tools/command.ts";
import { installPackages } from "../../../tools/install_packages.ts";
import { FullTextFile } from "../full_text_file.ts";
import type { Message } from "./data.ts";
import type { Embed } from "./embedder.ts";

const PACKAGES = { "@orama/orama": "3.1.18", "minisearch": "7.2.0" };

/** Finds the ids of messages for a question, best first, at most as many as asked for. */
export type Search = (question: string, limit: number) => Promise<string[]>;

/** Something that one would take instead. */
export interface Peer {
  /** What the table calls it. */
  name: string;
  /** Indexes messages. */
  open(messages: readonly Message[]): Promise<Search>;
}

/** Opens the peers, used as their documentation shows; with vectors where there is something that makes them. */
export async function openPeers(embed?: Embed): Promise<Peer[]> {
  const folder = pathOf(".ci/rt/search");
  await installPackages(folder, PACKAGES);
  const load = (path: string) =>
    import(`file://${folder}/node_modules/${path}`);
  const miniSearch = await load("minisearch/dist/es/index.js");
  const orama = await load("@orama/orama/dist/esm/index.js");
  return [
    { name: "SQLite FTS5, porter", open: openFullText },
    {
      name: "MiniSearch",
      open: (messages) => openMiniSearch(miniSearch, messages),
    },
    { name: "Orama", open: (messages) => openOrama(orama, messages) },
    ...embed
      ? [{
        name: "vectors, by cosine",
        open: (messages: readonly Message[]) => openVectors(embed, messages),
      }]
      : [],
  ];
}

/** Many questions name the speaker, whom the text itself does not. */
function spoken({ speaker, text }: Message): string {
  return `${speaker}: ${text}`;
}

function openFullText(messages: readonly Message[]): Promise<Search> {
  const file = new FullTextFile(":memory:");
  file.store(messages.map(spoken));
  return Promise.resolve((question, limit) =>
    Promise.resolve(
      file.search(question, limit).map(({ place }) => messages[place]!.id),
    )
  );
}

/** The part of MiniSearch that is used. */
interface MiniSearchModule {
  default: new (options: { fields: string[] }) => {
    addAll(documents: { id: string; text: string }[]): void;
    search(question: string): { id: string }[];
  };
}

function openMiniSearch(
  { default: MiniSearch }: MiniSearchModule,
  messages: readonly Message[],
): Promise<Search> {
  const index = new MiniSearch({ fields: ["text"] });
  index.addAll(messages.map((one) => ({ id: one.id, text: spoken(one) })));
  return Promise.resolve((question, limit) =>
    Promise.resolve(
      index.search(question).slice(0, limit).map(({ id }) => id),
    )
  );
}

/** The part of Orama that is used. */
interface OramaModule {
  create(options: { schema: Record<string, "string"> }): unknown;
  insertMultiple(database: unknown, documents: unknown[]): Promise<unknown>;
  search(
    database: unknown,
    options: { term: string; limit: number; properties: string[] },
  ): Promise<{ hits: { id: string }[] }>;
}

async function openOrama(
  { create, insertMultiple, search }: OramaModule,
  messages: readonly Message[],
): Promise<Search> {
  const database = create({ schema: { text: "string" } });
  await insertMultiple(
    database,
    messages.map((one) => ({ id: one.id, text: spoken(one) })),
  );
  return async (term, limit) => {
    const { hits } = await search(database, {
      term,
      limit,
      properties: ["text"],
    });
    return hits.map(({ id }) => id);
  };
}

async function openVectors(
  embed: Embed,
  messages: readonly Message[],
): Promise<Search> {
  const vectors = await embed(messages.map(({ text }) => text));
  return async (question, limit) => {
    const [asked] = await embed([question]);
    // The model's vectors have length 1.
    const scores = vectors.map((vector) =>
      vector.reduce((sum, part, at) => sum + part * asked![at]!, 0)
    );
    return messages.map(({ id }, at) => ({ id, score: scores[at]! }))
      .sort((a, b) => b.score - a.score)
      .slice(0, limit)
      .map(({ id }) => id);
  };
}
