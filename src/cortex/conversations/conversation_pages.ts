/** Lists of conversations: one call as a rule, more where there are many rows to look at or many messages to show. */
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

/** A conversation's place in the order of a list. */
interface Place {
  conversationId: string;
  by: number;
  storedAt: number;
}

/** As many conversations as one answer holds, and the ids of those that follow. */
interface Fitting {
  conversations: Conversation[];
  rest: string[];
}

/** A stretch of a list: the page where it is all there is, otherwise the places of what may be on it. */
interface ConversationStep extends Fitting, Step {
  places: Place[];
  matched: number;
  total?: number;
}

/** The page of the conversations that meet a filter, of which the rules let through what they name. */
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
