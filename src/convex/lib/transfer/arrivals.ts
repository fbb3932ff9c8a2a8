/** Rows that an import stores below others, which are counted there once per transaction. */
import type { Doc, Id, MutationCtx } from "../model.ts";
import { heldVersions, noteHeld } from "../immutable/heldVersions.ts";
import { utf8Length } from "../size.ts";

/** Messages stored, by their conversation. */
export class ArrivedMessages {
  readonly #ctx: MutationCtx;
  readonly #messages = new Map<Id<"conversations">, Doc<"messages">[]>();

  /** Writes through `ctx`. */
  constructor(ctx: MutationCtx) {
    this.#ctx = ctx;
  }

  /** Notes a message that was stored. */
  add(message: Doc<"messages">): void {
    const { conversationDocId: id } = message;
    const stored = this.#messages.get(id) ?? [];
    this.#messages.set(id, stored);
    stored.push(message);
  }

  /** The position of a message in its conversation; the end, if another message has its position. */
  async placeOf(
    { _id, nextSeq }: Doc<"conversations">,
    seq: number,
  ): Promise<number> {
    const next = Math.max(
      nextSeq,
      ...(this.#messages.get(_id) ?? []).map((message) => message.seq + 1),
    );
    if (!(seq < next)) return seq;
    const taken = await this.#ctx.db.query("messages")
      .withIndex(
        "by_conversation_seq",
        (q) => q.eq("conversationDocId", _id).eq("seq", seq),
      )
      .first();
    return taken === null ? seq : next;
  }

  /** Counts them in their conversations. */
  async write(): Promise<void> {
    for (const [id, messages] of this.#messages) {
      const conversation = (await this.#ctx.db.get(id))!;
      const times = messages.map(({ timestamp }) => timestamp);
      const places = messages.map(({ seq }) => seq + 1);
      await this.#ctx.db.patch(id, {
        // The conversation's row may be older than these messages; the next message must come after them.
        nextSeq: Math.max(conversation.nextSeq, ...places),
        messageCount: conversation.messageCount + messages.length,
        messageBytes: messages.reduce(
          (sum, { content }) => sum + utf8Length(content),
          conversation.messageBytes,
        ),
        lastMessageAt: Math.max(conversation.lastMessageAt ?? 0, ...times),
      });
    }
  }
}

/** Superseded versions that records have by now. */
export class ArrivedVersions {
  readonly #ctx: MutationCtx;
  readonly #held = new Map<Id<"immutable">, number>();

  /** Writes through `ctx`. */
  constructor(ctx: MutationCtx) {
    this.#ctx = ctx;
  }

  /** Notes a version of a record that is to be stored. */
  async add(record: Doc<"immutable">): Promise<void> {
    const { _id } = record;
    const held = this.#held.get(_id) ?? await heldVersions(this.#ctx, record);
    this.#held.set(_id, held + 1);
  }

  /** Counts them in their records. */
  async write(): Promise<void> {
    for (const [id, held] of this.#held) {
      await noteHeld(this.#ctx, (await this.#ctx.db.get(id))!, held);
    }
  }
}
