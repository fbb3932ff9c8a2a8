import type { JsonValue } from "../../values/types.ts";
import { requestIdOf } from "../run/caller.ts";
import type { ContextHost } from "./context_host.ts";
import type { Run } from "../run/run.ts";

/**
 * Writes an entry to the deployment's audit log: `log.audit` of `convex/server`. An entry of a mutation is written once
 * the mutation is committed, and dropped if it is rolled back.
 */
export function auditLog(run: Run, host: ContextHost, body: JsonValue): null {
  const { audit } = host.deployment;
  if (!audit) return null;
  const { transaction, component, caller } = run.parts;
  const variables: { [name: string]: JsonValue } = {
    requestId: requestIdOf(caller, component.database.ids),
    ip: caller.ip,
    userAgent: caller.userAgent,
    now: host.nowOf(run),
    convexActor: null,
  };
  const entry = resolved(body, variables);
  if (transaction?.writable) transaction.afterCommit(() => audit(entry));
  else audit(entry);
  return null;
}

/** An entry with each `{ $var: name }` replaced by the variable. */
function resolved(
  json: JsonValue,
  variables: { [name: string]: JsonValue },
): JsonValue {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return json.map((part) => resolved(part, variables));
  if (typeof json.$var === "string") return variables[json.$var] ?? null;
  return Object.fromEntries(
    Object.entries(json).map(([name, part]) => [
      name,
      resolved(part, variables),
    ]),
  );
}
