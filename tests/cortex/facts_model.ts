/** A naive model of facts: rows and events in lists, which every call goes through from the first to the last. */
import {
  classifyPredicate,
  type ConflictCandidate,
  getDefaultDecision,
} from "../../src/cortex/facts/mod.ts";
import type {
  FactChangeAction,
  FactRecord,
  StoreFactParams,
} from "../../mod.ts";

/** A fact, as it should be. */
export interface Row extends Omit<FactRecord, "_id" | "updatedAt"> {
  isDeleted?: boolean;
  isArchived?: boolean;
}

/** An event, as it should be reported. */
export interface Event {
  action: FactChangeAction;
  factId: string;
  memorySpaceId: string;
  oldValue?: string | undefined;
  newValue?: string | undefined;
  supersededBy?: string | undefined;
}

/** What should become of a fact that is revised. */
export interface Expected {
  actions: readonly string[];
  /** Known facts that it may be about. */
  among: Row[];
  /** Whether all of them give way. */
  isWhole?: boolean;
}

/** Classes of predicates that hold one value at a time, of those that cases use. */
const ONE = new Set(["location", "favorite_color"]);
const FILLERS = new Set(
  "a an the are be been being is was were".split(" "),
);

const normal = (text = "") => text.toLowerCase().trim().replace(/\s+/g, " ");

/** A text without what does not distinguish facts. */
function plain(text: string): string {
  return normal(text.replace(/[.,!?;:'"]/g, "")).split(" ")
    .filter((word) => !FILLERS.has(word)).join(" ");
}

/** What should be there. */
export class FactsModel {
  /** In the order in which they were stored. */
  rows: Row[] = [];
  /** The oldest first. */
  events: Event[] = [];

  /** Facts of a space as lists have them: by their birth. */
  of(memorySpaceId: string): Row[] {
    return this.rows.filter((row) => row.memorySpaceId === memorySpaceId)
      .map((row, at) => ({ row, at }))
      .sort((a, b) => a.row.createdAt - b.row.createdAt || a.at - b.at)
      .map(({ row }) => row);
  }

  /** Those that neither were replaced nor deleted nor are in the archive. */
  standing(memorySpaceId: string): Row[] {
    return this.of(memorySpaceId).filter(stands);
  }

  /** A fact, in whatever state. */
  get(factId: string): Row {
    return this.rows.find((row) => row.factId === factId)!;
  }

  /** Whatever has taken the place of a fact, one after the other. */
  successors(row: Row): Row[] {
    const found: Row[] = [];
    for (let at: Row | undefined = row; at?.supersededBy !== undefined;) {
      at = this.get(at.supersededBy);
      if (at !== undefined) found.push(at);
    }
    return found;
  }

  /** Adds a stored fact. */
  add({ _id, updatedAt: _, ...row }: FactRecord, event = true): Row {
    this.rows.push(row);
    const { factId, memorySpaceId } = row;
    if (event) {
      this.events.push({
        action: "CREATE",
        factId,
        memorySpaceId,
        newValue: row.fact,
      });
    }
    return row;
  }

  /** Adds a version of a fact, which takes its place. */
  addVersion(
    old: Row,
    changes: Partial<Row>,
    { factId }: FactRecord,
    now: number,
  ): void {
    const { supersededBy: _, ...kept } = old;
    const tags = changes.tags ?? old.tags;
    this.rows.push({
      ...kept,
      ...changes,
      tags: old.isArchived ? [...new Set([...tags, "archived"])] : tags,
      factId,
      version: old.version + 1,
      supersedes: old.factId,
    });
    old.supersededBy = factId;
    old.validUntil = now;
    this.events.push({
      action: "UPDATE",
      factId,
      memorySpaceId: old.memorySpaceId,
      oldValue: old.fact,
      newValue: changes.fact ?? old.fact,
    });
  }

  /** Puts one fact in the place of another. */
  supersede(old: Row, by: Row, now: number): void {
    old.supersededBy = by.factId;
    old.validUntil = now;
    this.events.push({
      action: "SUPERSEDE",
      factId: old.factId,
      memorySpaceId: old.memorySpaceId,
      oldValue: old.fact,
      newValue: by.fact,
      supersededBy: by.factId,
    });
  }

  /** Deletes a fact softly. */
  delete(row: Row, now: number): void {
    if (row.isDeleted) return;
    row.isDeleted = true;
    row.isArchived = false;
    row.validUntil = now;
    const { factId, memorySpaceId, fact: oldValue } = row;
    this.events.push({ action: "DELETE", factId, memorySpaceId, oldValue });
  }

  /** Removes facts for good, together with their events. */
  remove(gone: readonly Row[]): void {
    const ids = new Set(gone.map(({ factId }) => factId));
    this.rows = this.rows.filter((row) => !ids.has(row.factId));
    this.events = this.events.filter(({ factId, supersededBy = "" }) =>
      !ids.has(factId) && !ids.has(supersededBy)
    );
  }

  /** Standing facts that still hold, of the user if one is named. */
  comparable(
    { memorySpaceId, userId }: { memorySpaceId: string; userId?: string },
  ): Row[] {
    return this.standing(memorySpaceId).filter((row) =>
      (row.validUntil === undefined || row.validUntil > Date.now()) &&
      (userId === undefined || row.userId === userId)
    );
  }

  /** Facts that one repeats word for word. */
  sameText(known: readonly Row[], fact: StoreFactParams | Statement): Row[] {
    return known.filter((row) =>
      row.factType === (fact.factType ?? "custom") &&
      plain(row.fact) === plain(fact.fact)
    );
  }

  /** Facts that agree with one in the parts that it has. */
  sameParts(known: readonly Row[], { subject, predicate, object }: Parts) {
    if (!normal(subject) || predicate === undefined && object === undefined) {
      return [];
    }
    return known.filter((row) =>
      normal(row.subject) === normal(subject) &&
      (predicate === undefined ||
        normal(row.predicate) === normal(predicate)) &&
      (object === undefined || normal(row.object) === normal(object))
    );
  }

  /** What should become of a fact, without a model. */
  decide(
    fact: Statement,
    whose: { memorySpaceId: string; userId?: string },
  ): Expected {
    const known = this.comparable(whose);
    const slotOf = ({ subject, predicate }: Parts) =>
      normal(subject) && normal(predicate)
        ? `${normal(subject)}|${classifyPredicate(predicate)}`
        : undefined;
    const slot = slotOf(fact);
    const inSlot = slot === undefined
      ? []
      : known.filter((row) => slotOf(row) === slot);
    const repeats = (among: Row[]) => ({ actions: ["UPDATE", "NONE"], among });
    if (inSlot.length > 0) {
      const object = normal(fact.object);
      const isOne = ONE.has(classifyPredicate(fact.predicate));
      const same = inSlot.filter((row) =>
        object !== "" && normal(row.object) === object
      );
      if (same.length > 0) return repeats(same);
      if (isOne && object !== "") {
        return { actions: ["SUPERSEDE"], among: inSlot, isWhole: true };
      }
      const alike = inSlot.filter((row) =>
        object === "" || row.object === undefined
      );
      return byWords(fact, alike, isOne);
    }
    const said = this.sameText(known, fact);
    if (said.length > 0) return repeats(said);
    const parts = this.sameParts(known, fact);
    if (parts.length > 0) return byWords(fact, parts);
    const ofType = known.filter((row) =>
      normal(fact.subject) !== "" && row.factType === fact.factType &&
      normal(row.subject) === normal(fact.subject)
    );
    return byWords(fact, ofType.slice(-20));
  }
}

/** A fact to be revised. */
export type Statement = Omit<ConflictCandidate, "factType"> & {
  factType?: FactRecord["factType"];
};

type Parts = Pick<ConflictCandidate, "subject" | "predicate" | "object">;

/** Whether lists show a fact. */
export function stands(row: Row): boolean {
  return row.supersededBy === undefined && !row.isDeleted && !row.isArchived;
}

function byWords(fact: Statement, among: Row[], mayReplace = true): Expected {
  if (among.some((row) => plain(row.fact) === plain(fact.fact))) {
    return { actions: ["UPDATE", "NONE"], among };
  }
  const { action } = getDefaultDecision(
    fact,
    among as unknown as FactRecord[],
  );
  const isKept = action === "SUPERSEDE" && !mayReplace;
  return { actions: [isKept ? "ADD" : action], among };
}
