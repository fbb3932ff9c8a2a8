/** Lists of conversations: usually one call, more if there are many rows to examine or many messages to return. */
import { LISTED_CONVERSATIONS, MAX_NAMED_CONVERSATIONS } from "../limits.ts";
import type { Calls } from "../calls/calls.ts";
import { joinStretches } from "../calls/stretches.ts";
import { within } from "../calls/deadline.ts";
import type { Step } from "../calls/in_steps.ts";
import type { CallControls } from "../types/common.ts";
import type {
  Conversation,
  ListConversationsFilter,
  ListConversationsResult,
} from "../types/conversations.ts";

/** A conversation's sort key in a list. */
interface Place {
  conversationId: string;
  by: number;
  storedAt: number;
}

/** As many conversations as fit into one answer, and the ids of the rest. */
interface Fitting {
  conversations: Conversation[];
  rest: string[];
}

/**
 * A stretch of a list: the page itself if the first step is done, otherwise the sort keys of the conversations that may
 * be on it.
 */
interface ConversationStep extends Fitting, Step {
  places: Place[];
  matched: number;
  total?: number;
}

/** Lists a page of the conversations that match a checked filter. */
export function listConversations(
  calls: Calls,
  filter: ListConversationsFilter,
  controls: CallControls | undefined,
): Promise<ListConversationsResult> {
  const { messageCount: count, ...conditions } = filter;
  const { limit = LISTED_CONVERSATIONS, offset = 0 } = filter;
  const { tenantId, includeMessages } = filter;
  const { min, max } = typeof count === "object"
    ? count
    : { min: count, max: count };
  const args = {
    ...conditions,
    messageCountMin: min,
    messageCountMax: max,
    limit,
    offset,
  };
  return within(controls, async (signal) => {
    let matched = 0;
    const read = async (cursor?: string) => {
      const step = await calls.query<ConversationStep>(
        "conversations:page",
        { ...args, cursor },
        { signal },
      );
      matched += step.matched;
      return step;
    };
    const end = offset + limit;
    const first = await read();
    let { conversations, rest } = first;
    if (!first.done) {
      const places = await joinStretches(first, {
        read,
        rows: (step) => step.places,
        places: ({ by, storedAt }) => [by, storedAt],
        descending: filter.sortOrder !== "asc",
        end,
        isEnough: ({ length }) => first.total !== undefined && length >= end,
      });
      rest = places.slice(offset).map(({ conversationId }) => conversationId);
    }
    while (rest.length > 0) {
      const part = await calls.query<Fitting>("conversations:named", {
        tenantId,
        conversationIds: rest.slice(0, MAX_NAMED_CONVERSATIONS),
        includeMessages,
      }, { signal });
      conversations = [...conversations, ...part.conversations];
      rest = [...part.rest, ...rest.slice(MAX_NAMED_CONVERSATIONS)];
    }
    const { total = matched } = first;
    return { conversations, total, limit, offset, hasMore: end < total };
  });
}
