import type { Execution } from "../../engine/engine.ts";

/** Kinds of function as the command line calls them. */
export const UDF_TYPES: { readonly [kind in Execution["kind"]]: string } = {
  query: "Query",
  mutation: "Mutation",
  action: "Action",
  httpAction: "HttpAction",
};
