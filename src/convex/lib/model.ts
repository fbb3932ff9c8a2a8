/** Types derived from the schema, without generated code. */
import type {
  DataModelFromSchemaDefinition,
  DocumentByName,
  GenericActionCtx,
  GenericMutationCtx,
  GenericQueryCtx,
  TableNamesInDataModel,
  WithoutSystemFields,
} from "convex/server";
import type { GenericId } from "convex/values";
import type schema from "../schema.ts";

/** Tables, rows and indexes of this backend. */
export type DataModel = DataModelFromSchemaDefinition<typeof schema>;
/** Names of the tables. */
export type TableName = TableNamesInDataModel<DataModel>;
/** A stored row. */
export type Doc<Table extends TableName> = DocumentByName<DataModel, Table>;
/** A row before it is stored. */
export type NewDoc<Table extends TableName> = WithoutSystemFields<Doc<Table>>;
/** A row's `_id`. */
export type Id<Table extends TableName> = GenericId<Table>;
/** Context of a query. Mutations' contexts are accepted, too. */
export type QueryCtx = GenericQueryCtx<DataModel>;
/** Context of a mutation. */
export type MutationCtx = GenericMutationCtx<DataModel>;
/** Context of an action. */
export type ActionCtx = GenericActionCtx<DataModel>;
