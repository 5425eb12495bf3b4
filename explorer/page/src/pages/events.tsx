import { useAnswer } from "../answers/useAnswer.ts";
import { EventBrowser } from "../parts/eventBrowser.tsx";
import { PageHead } from "../parts/pageHead.tsx";
import { Panel } from "../parts/panel.tsx";

export function EventsPage({ search }: { readonly search: string }) {
  const deployment = useAnswer("overview");
  const contracts = (deployment.answer?.contracts ?? []).map(({ name }) => name);
  return (
    <>
      <PageHead title="Events" />
      <Panel title="Events by contract, name, party, slot or job" wide note="Newest first">
        <EventBrowser fixed={{}} search={search} path="/events" contracts={contracts} />
      </Panel>
    </>
  );
}
