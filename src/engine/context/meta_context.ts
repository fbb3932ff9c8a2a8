import type { ContextHost } from "./context_host.ts";
import type { Run } from "../run/run.ts";
import { requestIdOf } from "../run/caller.ts";

/** `ctx.meta`: facts about the function, its request and its usage. */
export function metaOf(run: Run, host: ContextHost) {
  const { kind, name, component, isPublic, caller, transaction } = run.parts;
  const getFunctionMetadata = () =>
    Promise.resolve({
      // As Convex does: an HTTP action has the name of `http.ts`'s default export, and `:default` is left out.
      name: kind === "httpAction" ? "http" : name.replace(/:default$/, ""),
      componentPath: component.path,
      type: kind === "httpAction" ? "action" : kind,
      visibility: isPublic ? "public" : "internal",
    });
  const getDeploymentMetadata = () =>
    Promise.resolve({
      name: host.deployment.name,
      region: null,
      class: "s16",
    });
  const getRequestMetadata = () => {
    const { authToken, ip, userAgent, scheduledFunctionId } = caller;
    const requestId = requestIdOf(caller, component.database.ids);
    return Promise.resolve({
      authToken,
      ip,
      userAgent,
      requestId,
      scheduledFunctionId,
    });
  };
  if (transaction === undefined) {
    return { getFunctionMetadata, getDeploymentMetadata, getRequestMetadata };
  }
  // Written out, as every call creates one: spreading objects costs several times as much.
  const ofTransaction = {
    getFunctionMetadata,
    getDeploymentMetadata,
    getTransactionMetrics: () => Promise.resolve(transaction.meter.metrics()),
    getSnapshotTs: () => transaction.snapshotTs,
  };
  return kind === "query"
    ? ofTransaction
    : { ...ofTransaction, getRequestMetadata };
}
