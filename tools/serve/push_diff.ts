import { readSchema, type SchemaLike } from "../../src/engine/schema/schema.ts";
import type { LoadedFunctions } from "./load_functions.ts";

/** An index, as it is reported to `npx convex`. */
type Index =
  & { name: string; type: string; staged: boolean }
  & (
    | { fields: string[] }
    | { searchField: string; filterFields: string[] }
    | { vectorField: string; dimensions: number; filterFields: string[] }
  );

/** How a push changes the indexes of the app, or of a component. */
export interface IndexDiff {
  /** New indexes. */
  added_indexes: Index[];
  /** Indexes that are gone, or were redefined. */
  removed_indexes: Index[];
  /** Indexes that are no longer staged. */
  enabled_indexes: Index[];
  /** Indexes that are now staged. */
  disabled_indexes: Index[];
}

/** How a push changes indexes, by the path of the component. */
export function indexDiffs(
  before: LoadedFunctions,
  after: LoadedFunctions,
): { [path: string]: IndexDiff } {
  const paths = ["", ...Object.keys(before.components)];
  const added = Object.keys(after.components);
  return Object.fromEntries(
    [...new Set([...paths, ...added])].map((path) => [
      path,
      indexDiff(schemaOf(before, path), schemaOf(after, path)),
    ]),
  );
}

/** How a push changes components and their indexes, by path. */
export function componentDiffs(
  before: LoadedFunctions,
  after: LoadedFunctions,
): { [path: string]: object } {
  return Object.fromEntries(
    Object.entries(indexDiffs(before, after)).map((
      [path, indexDiff],
    ) => [path, {
      diffType: { type: changeOf(before, after, path) },
      moduleDiff: { added: [], removed: [] },
      udfConfigDiff: null,
      cronDiff: { added: [], updated: [], deleted: [] },
      indexDiff,
      schemaDiff: null,
    }]),
  );
}

function changeOf(
  before: LoadedFunctions,
  after: LoadedFunctions,
  path: string,
): "create" | "modify" | "unmount" {
  if (path === "") return "modify";
  if (!Object.hasOwn(before.components, path)) return "create";
  return Object.hasOwn(after.components, path) ? "modify" : "unmount";
}

function schemaOf(
  functions: LoadedFunctions,
  path: string,
): SchemaLike | undefined {
  return path === "" ? functions.schema : functions.components[path]?.schema;
}

function indexDiff(
  before: SchemaLike | undefined,
  after: SchemaLike | undefined,
): IndexDiff {
  const old = indexesOf(before);
  const now = indexesOf(after);
  const stays = (index: Index, others: Map<string, Index>) => {
    const other = others.get(index.name);
    return other && definitionOf(other) === definitionOf(index)
      ? other
      : undefined;
  };
  const restaged = (isStaged: boolean) =>
    [...now.values()].filter((index) =>
      index.staged === isStaged && stays(index, old)?.staged === !isStaged
    );
  return {
    added_indexes: [...now.values()].filter((index) => !stays(index, old)),
    removed_indexes: [...old.values()].filter((index) => !stays(index, now)),
    enabled_indexes: restaged(false),
    disabled_indexes: restaged(true),
  };
}

function definitionOf({ staged: _, ...definition }: Index): string {
  return JSON.stringify(definition);
}

/** The indexes of a schema by name, in the order of their names. */
function indexesOf(schema: SchemaLike | undefined): Map<string, Index> {
  const indexes = readSchema(schema).tables.flatMap((table): Index[] => {
    const nameOf = (index: string) => `${table.tableName}.${index}`;
    const database =
      (staged: boolean) =>
      ({ indexDescriptor, fields }: typeof table.indexes[0]): Index => ({
        name: nameOf(indexDescriptor),
        type: "database",
        fields: [...fields, "_creationTime"],
        staged,
      });
    const other =
      (type: string, staged: boolean) =>
      <Definition extends { indexDescriptor: string }>(
        { indexDescriptor, ...definition }: Definition,
      ): Index =>
        ({
          name: nameOf(indexDescriptor),
          type,
          ...definition,
          staged,
        }) as unknown as Index;
    return [
      ...table.indexes.map(database(false)),
      ...(table.stagedDbIndexes ?? []).map(database(true)),
      ...table.searchIndexes.map(other("search", false)),
      ...(table.stagedSearchIndexes ?? []).map(other("search", true)),
      ...(table.vectorIndexes ?? []).map(other("vector", false)),
      ...(table.stagedVectorIndexes ?? []).map(other("vector", true)),
    ];
  });
  indexes.sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  return new Map(indexes.map((index) => [index.name, index]));
}
