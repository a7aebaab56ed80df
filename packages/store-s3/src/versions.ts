/** A version of an object, or a delete marker, as a versioned bucket keeps them. */
export interface ObjectVersion {
  readonly versionId: string;
  readonly isLatest: boolean;
  readonly isDeleteMarker: boolean;
}

/**
 * What must go so that nothing of an object is left but what is current, in order. A marker that is current goes last:
 * without it the version behind it would be current again.
 */
export function outdated(versions: readonly ObjectVersion[]): string[] {
  const old = versions.filter(({ isLatest }) => !isLatest);
  const marker = versions.filter(({ isLatest, isDeleteMarker }) => isLatest && isDeleteMarker);
  return [...old, ...marker].map(({ versionId }) => versionId);
}
