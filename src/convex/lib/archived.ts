/** Constants and tags of archived memories and facts. */

/** Tag of an archived memory or fact. */
export const ARCHIVED = "archived";
/** Highest importance that an archived memory keeps. */
export const ARCHIVED_IMPORTANCE = 10;

/** Adds the archive tag to the new tags of something that is archived. */
export function archivedTags(tags: readonly string[]): string[] {
  return tags.includes(ARCHIVED) ? [...tags] : [...tags, ARCHIVED];
}
