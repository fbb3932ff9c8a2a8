/**
 * Slots: the attributes of a subject that hold one value at a time, and the known facts that a new value would replace.
 */
import { isRecord } from "../../at_once.ts";
import { ApiModule } from "../calls/api_module.ts";
import { wrongArgument } from "./wrong_argument.ts";
import { normalisePredicate } from "../../convex/lib/facts/factKeys.ts";
import { normalise } from "../../convex/lib/text/normalise.ts";
import {
  defaultPredicateClasses,
  slotOf,
} from "../../convex/lib/facts/slots.ts";
import type { ContextSource } from "../calls/context_source.ts";
import type { CallControls } from "../types/common.ts";
import type { ConflictCheckResult } from "../types/fact_belief.ts";
import type { FactRecord } from "../types/facts.ts";

/** Throws `FactsValidationError` unless it is an object whose parts are strings. */
function checkParts(fact: SlotParts): void {
  if (!isRecord(fact)) throw wrongArgument("fact", "an object", fact);
  for (const part of ["subject", "predicate", "object"] as const) {
    const value = fact[part];
    if (value == null || typeof value === "string") continue;
    throw wrongArgument(part, "a string", value);
  }
}

/** A slot of a subject. */
export interface SlotMatch {
  /** The subject, normalised. */
  subject: string;
  /** Class of the predicate, or the normalised predicate itself if it belongs to none. */
  predicateClass: string;
}

/** The parts of a fact that its slot depends on. */
export interface SlotParts {
  /** Who or what it is about. */
  subject?: string | undefined;
  /** The relation to the object. */
  predicate?: string | undefined;
  /** Whom or what the subject relates to. */
  object?: string | undefined;
}

/** How slots are found. */
export interface SlotMatchingConfig {
  /** False finds no slots. */
  enabled: boolean;
  /** Further classes of predicates: name and phrases. */
  predicateClasses?: Record<string, string[]> | undefined;
  /** No effect: subjects are always compared without regard to case and spaces. */
  normalizeSubjects?: boolean | undefined;
}

/** What a slot holds. */
export interface SlotConflicts {
  /** Whether the new value conflicts with a known one. */
  hasConflict: boolean;
  /** The slot; absent if the fact has none. */
  slot?: SlotMatch;
  /** The known facts it conflicts with. */
  conflictingFacts: FactRecord[];
}

/** The built-in classes of predicates, with their phrases. */
export const DEFAULT_PREDICATE_CLASSES: Record<string, string[]> =
  defaultPredicateClasses();

/**
 * Returns the subject in lower case, trimmed, with inner spaces collapsed.
 *
 * @example
 * ```ts
 * import { normalizeSubject } from "@cortex/memory/facts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(normalizeSubject("  Ada   Lovelace "), "ada lovelace");
 * ```
 */
export function normalizeSubject(subject?: string): string {
  return normalise(subject);
}

/**
 * Does the same for a predicate, and removes punctuation.
 *
 * @example
 * ```ts
 * import { normalizePredicate } from "@cortex/memory/facts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(normalizePredicate("Lives in:"), "lives in");
 * ```
 */
export function normalizePredicate(predicate?: string): string {
  return normalisePredicate(predicate);
}

/**
 * Returns the name of a predicate's class, or the normalised predicate itself; `unknown` for none.
 *
 * @example
 * ```ts
 * import { classifyPredicate } from "@cortex/memory/facts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(classifyPredicate("has moved to"), "location");
 * assertEquals(classifyPredicate("wears", { shoe_size: ["wears"] }), "shoe_size");
 * ```
 */
export function classifyPredicate(
  predicate?: string,
  customClasses?: Record<string, string[]>,
): string {
  return slotOf(predicate, customClasses)?.name ?? "unknown";
}

/**
 * Returns the slot of a subject and a predicate; null if one of them is empty.
 *
 * @example
 * ```ts
 * import { extractSlot } from "@cortex/memory/facts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(extractSlot("Ada ", "works_at"), { subject: "ada", predicateClass: "employment" });
 * ```
 */
export function extractSlot(
  subject?: string,
  predicate?: string,
  customClasses?: Record<string, string[]>,
): SlotMatch | null {
  const normalised = normalise(subject);
  const slot = slotOf(predicate, customClasses);
  return normalised === "" || slot === undefined
    ? null
    : { subject: normalised, predicateClass: slot.name };
}

/**
 * Finds slots and the facts they hold, over a client or the context of a `Cortex`.
 *
 * @example
 * ```ts
 * import { Cortex } from "@cortex/memory";
 * import { SlotMatchingService } from "@cortex/memory/facts";
 * import { assertEquals } from "@std/assert";
 *
 * await using cortex = new Cortex();
 * const slots = new SlotMatchingService(cortex.getClient());
 * const home = { subject: "Ada", predicate: "lives in", object: "York" };
 * const { hasConflict, slot } = await slots.findSlotConflicts(home, "support");
 * assertEquals([hasConflict, slot?.predicateClass], [false, "location"]);
 * ```
 *
 * @example Without a backend
 * ```ts
 * import { Cortex } from "@cortex/memory";
 * import { SlotMatchingService } from "@cortex/memory/facts";
 * import { assert, assertEquals } from "@std/assert";
 *
 * await using cortex = new Cortex();
 * const slots = new SlotMatchingService(cortex.getClient(), {
 *   enabled: true,
 *   predicateClasses: { shoe_size: ["wears"] },
 * });
 * const shoes = { subject: "Ada", predicate: "wears", object: "size 39" };
 * assertEquals(slots.getSlot(shoes), { subject: "ada", predicateClass: "shoe_size" });
 * assert(slots.sameSlot(shoes, { ...shoes, object: "size 40" }));
 * assert("location" in SlotMatchingService.getDefaultPredicateClasses());
 * assertEquals(slots.getPredicateClasses().shoe_size, ["wears"]);
 * ```
 */
export class SlotMatchingService extends ApiModule {
  readonly #config: SlotMatchingConfig;

  /** Does no I/O. */
  constructor(
    client: ContextSource,
    config: SlotMatchingConfig = { enabled: true },
  ) {
    super(client);
    this.#config = config;
  }

  /** Returns a copy of the built-in classes. */
  static getDefaultPredicateClasses(): Record<string, string[]> {
    return defaultPredicateClasses();
  }

  /** Returns all classes: the built-in ones and the configured ones. */
  getPredicateClasses(): Record<string, string[]> {
    const classes = defaultPredicateClasses();
    for (
      const [name, phrases] of Object.entries(
        this.#config.predicateClasses ?? {},
      )
    ) classes[name] = [...classes[name] ?? [], ...phrases];
    return classes;
  }

  /** Returns the slot of a fact, or null. */
  getSlot(fact: SlotParts): SlotMatch | null {
    checkParts(fact);
    const { subject, predicate } = fact;
    return extractSlot(subject, predicate, this.#config.predicateClasses);
  }

  /** Returns whether two facts share a slot. */
  sameSlot(a: SlotParts, b: SlotParts): boolean {
    const [one, other] = [this.getSlot(a), this.getSlot(b)];
    return one !== null && one.subject === other?.subject &&
      one.predicateClass === other.predicateClass;
  }

  /**
   * Finds the current facts that a new value of a slot conflicts with: all if the slot holds one value, otherwise those
   * that say the same.
   */
  async findSlotConflicts(
    fact: SlotParts,
    memorySpaceId: string,
    userId?: string,
    controls?: CallControls,
  ): Promise<SlotConflicts> {
    const slot = this.#config.enabled ? this.getSlot(fact) : null;
    if (slot === null) return { hasConflict: false, conflictingFacts: [] };
    const { subject, predicate, object } = fact;
    const { slotConflicts } = await this.calls.query<ConflictCheckResult>(
      "facts:checkConflicts",
      {
        memorySpaceId,
        userId,
        fact: {
          fact: [subject, predicate, object].join(" "),
          confidence: 0,
          subject,
          predicate,
          ...(object !== undefined && { object }),
        },
        revision: {
          semanticMatching: false,
          ...(this.#config.predicateClasses &&
            { predicateClasses: this.#config.predicateClasses }),
        },
      },
      controls,
    );
    return {
      hasConflict: slotConflicts.length > 0,
      slot,
      conflictingFacts: slotConflicts,
    };
  }
}
