import type { Execution } from "../../engine/engine.ts";

/** Kinds of functions as the command line names them. */
export const UDF_TYPES: { readonly [kind in Execution["kind"]]: string } = {
  query: "Query",
  mutation: "Mutation",
  action: "Action",
  httpAction: "HttpAction",
};
