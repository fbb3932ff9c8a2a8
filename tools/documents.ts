import { pathOf } from "./command.ts";

/** Texts that go with the package: the README, and the pages that it leads to. */
export const documents: readonly string[] = [
  "README.md",
  "LICENSE",
  "CHANGELOG.md",
  "src/engine/README.md",
  "src/executor/README.md",
];

/** A block of code, or a link to a path: its text, and the path. */
const LINK = /^```.*?^```$|\[[^\]]*\]\((?!#|[a-z]+:)([^)\s]+)\)/gms;

/** A document as it is published: a link to what is not published with it becomes the path that it led to, as code. */
export function asPublished(document: string, text: string): string {
  return text.replace(LINK, (link, path?: string) => {
    if (path === undefined) return link;
    const { pathname } = new URL(path, `file:///${document}`);
    return documents.includes(pathname.slice(1)) ? link : `\`${path}\``;
  });
}

/** Copies the documents into a folder, as they are published; returns their paths. */
export async function copyDocuments(folder: string): Promise<string[]> {
  const copied: string[] = [];
  for (const path of documents) {
    const text = await Deno.readTextFile(pathOf(path)).catch(() => undefined);
    if (text === undefined) continue;
    const target = pathOf(`${folder}/${path}`);
    await Deno.mkdir(target.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(target, asPublished(path, text));
    copied.push(path);
  }
  return copied;
}
