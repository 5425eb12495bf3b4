interface MoreProps {
  readonly hasMore: boolean;
  readonly loadingMore: boolean;
  readonly more: () => void;
  readonly what: string;
}

/** Asks for the next page of a list. */
export function More({ hasMore, loadingMore, more, what }: MoreProps) {
  if (!hasMore) return null;
  return (
    <button type="button" class="more" onClick={more} aria-disabled={loadingMore}>
      {loadingMore ? `Loading more ${what}…` : `More ${what}`}
    </button>
  );
}
