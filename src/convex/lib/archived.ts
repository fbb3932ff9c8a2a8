/** What is done to memories and facts that are archived. */

/** Tag of an archived memory or fact. */
export const ARCHIVED = "archived";
/** Most importance that an archived memory keeps. */
export const ARCHIVED_IMPORTANCE = 10;

/** Tags of what is archived and gets new ones: it still says what it is. */
export function archivedTags(tags: readonly string[]): string[] {
  return tags.includes(ARCHIVED) ? [...tags] : [...tags, ARCHIVED];
}
