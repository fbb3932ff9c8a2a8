import { MEMORYSPACE_NOT_FOUND } from "../../convex/lib/moduleCodes.ts";
import { ConvexError } from "../../errors.ts";
import type { CallArgs } from "../calls/calls.ts";
import { growth } from "../calls/erase.ts";
import { MemorySpacesReader } from "./memory_spaces_reader.ts";
import {
  checkAddParticipant,
  checkArchive,
  checkDelete,
  checkId,
  checkRegister,
  checkRemoveParticipant,
  checkUpdate,
  checkUpdateParticipants,
} from "./memory_spaces_rules.ts";
import { cut } from "../rules/rules.ts";
import type { ProgressControls, WriteControls } from "../types/common.ts";
import type {
  ArchiveMemorySpaceOptions,
  DeleteMemorySpaceOptions,
  DeleteMemorySpaceResult,
  MemorySpace,
  MemorySpaceUpdates,
  ParticipantUpdates,
  RegisterMemorySpaceOptions,
  RegisterMemorySpaceParams,
  SpaceParticipant,
  UpdateMemorySpaceOptions,
} from "../types/memory_spaces.ts";

/**
 * Registry of memory spaces. Data can be stored in spaces that were never registered; registered ones can be described,
 * archived, measured and deleted.
 *
 * Every method rejects with `MemorySpaceValidationError` before anything is sent if an argument is wrong, and with
 * `MEMORYSPACE_NOT_FOUND` if it changes a space that does not exist.
 */
export class MemorySpacesAPI extends MemorySpacesReader {
  /**
   * Registers a space.
   *
   * @throws {ConvexError} `MEMORYSPACE_ALREADY_EXISTS`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const space = await cortex.memorySpaces.register({
   *   memorySpaceId: "sales",
   *   type: "team",
   *   participants: [{ id: "ada", type: "user" }],
   * });
   * assertEquals(space.status, "active");
   * ```
   */
  async register(
    params: RegisterMemorySpaceParams,
    options?: RegisterMemorySpaceOptions & WriteControls,
  ): Promise<MemorySpace> {
    const { participants = [], ...args } = checkRegister({ ...params });
    return await this.#change("register", args.memorySpaceId, {
      ...args,
      participants: participants.map(only),
    }, options);
  }

  /**
   * Changes the name, the metadata (replaced as a whole) or the status.
   *
   * @throws {ConvexError} `MEMORYSPACE_NOT_FOUND`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.memorySpaces.register({ memorySpaceId: "sales", type: "team" });
   * const space = await cortex.memorySpaces.update("sales", { name: "Sales" });
   * assertEquals(space.name, "Sales");
   * ```
   */
  async update(
    memorySpaceId: string,
    updates: MemorySpaceUpdates,
    options?: UpdateMemorySpaceOptions & WriteControls,
  ): Promise<MemorySpace> {
    const args = checkUpdate({ memorySpaceId, updates }).updates;
    return await this.#change("update", memorySpaceId, { ...args }, options);
  }

  /**
   * Adds a participant.
   *
   * @throws {ConvexError} `MEMORYSPACE_NOT_FOUND`, `PARTICIPANT_ALREADY_EXISTS`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.memorySpaces.register({ memorySpaceId: "sales", type: "team" });
   * const { participants } = await cortex.memorySpaces.addParticipant("sales", {
   *   id: "ada",
   *   type: "user",
   *   joinedAt: Date.now(),
   * });
   * assertEquals(participants[0]?.id, "ada");
   * ```
   */
  async addParticipant(
    memorySpaceId: string,
    participant: SpaceParticipant,
    controls?: WriteControls,
  ): Promise<MemorySpace> {
    const args = checkAddParticipant({ memorySpaceId, participant });
    return await this.#change("addParticipant", memorySpaceId, args, controls);
  }

  /**
   * Removes a participant. One that does not take part changes nothing.
   *
   * @throws {ConvexError} `MEMORYSPACE_NOT_FOUND`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.memorySpaces.register({ memorySpaceId: "sales", type: "team" });
   * const space = await cortex.memorySpaces.removeParticipant("sales", "ada");
   * assertEquals(space.participants, []);
   * ```
   */
  async removeParticipant(
    memorySpaceId: string,
    participantId: string,
    controls?: WriteControls,
  ): Promise<MemorySpace> {
    checkRemoveParticipant({ memorySpaceId, participantId });
    return await this.#change(
      "removeParticipant",
      memorySpaceId,
      { participantId },
      controls,
    );
  }

  /**
   * Removes participants, then adds those that do not take part yet, in one transaction.
   *
   * @throws {ConvexError} `MEMORYSPACE_NOT_FOUND`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.memorySpaces.register({
   *   memorySpaceId: "sales",
   *   type: "team",
   *   participants: [{ id: "ada", type: "user" }],
   * });
   * const { participants } = await cortex.memorySpaces.updateParticipants("sales", {
   *   add: [{ id: "helper", type: "agent", joinedAt: Date.now() }],
   *   remove: ["ada"],
   * });
   * assertEquals(participants.map(({ id }) => id), ["helper"]);
   * ```
   */
  async updateParticipants(
    memorySpaceId: string,
    updates: ParticipantUpdates,
    controls?: WriteControls,
  ): Promise<MemorySpace> {
    checkUpdateParticipants({ ...updates, memorySpaceId });
    const { add, remove } = updates;
    return await this.#change(
      "updateParticipants",
      memorySpaceId,
      { add: add?.map(only), remove },
      controls,
    );
  }

  /**
   * Archives a space: its data stays, and new data is refused with `MEMORYSPACE_ARCHIVED`. Time and reason are added to
   * its metadata.
   *
   * @throws {ConvexError} `MEMORYSPACE_NOT_FOUND`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.memorySpaces.register({ memorySpaceId: "sales", type: "team" });
   * const space = await cortex.memorySpaces.archive("sales", { reason: "Merged" });
   * assertEquals([space.status, space.metadata.archiveReason], ["archived", "Merged"]);
   * ```
   */
  async archive(
    memorySpaceId: string,
    options: ArchiveMemorySpaceOptions & WriteControls = {},
  ): Promise<MemorySpace> {
    const args = checkArchive({ ...options, memorySpaceId });
    return await this.#change("archive", memorySpaceId, args, options);
  }

  /**
   * Makes a space active again; its metadata stays as it is.
   *
   * @throws {ConvexError} `MEMORYSPACE_NOT_FOUND`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.memorySpaces.register({ memorySpaceId: "sales", type: "team" });
   * await cortex.memorySpaces.archive("sales");
   * assertEquals((await cortex.memorySpaces.reactivate("sales")).status, "active");
   * ```
   */
  async reactivate(
    memorySpaceId: string,
    controls?: WriteControls,
  ): Promise<MemorySpace> {
    checkId({ memorySpaceId });
    return await this.#change("reactivate", memorySpaceId, {}, controls);
  }

  /**
   * Irrevocably deletes a space with everything in it. Works in steps of bounded size, during which the space refuses
   * writes with `MEMORYSPACE_DELETING`. If interrupted, repeating the call continues.
   *
   * @throws {ConvexError} `MEMORYSPACE_NOT_FOUND`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.memorySpaces.register({ memorySpaceId: "sales", type: "team" });
   * const { deleted } = await cortex.memorySpaces.delete("sales", {
   *   cascade: true,
   *   reason: "The team is gone",
   * });
   * assertEquals(deleted, true);
   * ```
   */
  async delete(
    memorySpaceId: string,
    options: DeleteMemorySpaceOptions & WriteControls & ProgressControls,
  ): Promise<DeleteMemorySpaceResult> {
    const args = checkDelete({ ...options, memorySpaceId });
    const id = memorySpaceId.trim();
    try {
      const { requestId: _, ...done } = await this.calls.whole<
        DeleteMemorySpaceResult & { requestId?: string }
      >(
        {
          kind: "mutation",
          name: "memorySpaces:deleteSpace",
          count: growth(({ cascade }) =>
            cascade.conversationsDeleted + cascade.memoriesDeleted +
            cascade.factsDeleted
          ),
        },
        { ...args, memorySpaceId: id },
        options,
      );
      return done;
    } catch (error) {
      if (
        !(error instanceof ConvexError) ||
        error.code !== MEMORYSPACE_NOT_FOUND
      ) throw error;
      throw new ConvexError(error.data, {
        message: `Memory space not found: ${cut(id)}`,
        cause: error,
      });
    }
  }

  #change(
    name: string,
    memorySpaceId: string,
    args: CallArgs,
    controls: WriteControls | undefined,
  ): Promise<MemorySpace> {
    return this.calls.mutation(
      `memorySpaces:${name}`,
      {
        ...args,
        metadata: args.metadata ?? undefined,
        memorySpaceId: memorySpaceId.trim(),
      },
      controls,
    );
  }
}

function only(
  { id, type, joinedAt }: Partial<SpaceParticipant>,
): Partial<SpaceParticipant> {
  return { id, type, joinedAt };
}
