import { PageHead } from "../parts/pageHead.tsx";

export function UnknownPage() {
  return (
    <>
      <PageHead title="No such page" />
      <p>
        Nothing is at this address. Search for what you look for, or start from the <a href="/">overview</a>.
      </p>
    </>
  );
}
