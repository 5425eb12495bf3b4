import type { Place } from "../router/place.ts";
import { AccountPage } from "./account.tsx";
import { ApiPage } from "./api.tsx";
import { AuditPage } from "./audit.tsx";
import { BlockPage } from "./block.tsx";
import { CertificatePage } from "./certificate.tsx";
import { ContractPage } from "./contract.tsx";
import { EventsPage } from "./events.tsx";
import { GovernancePage } from "./governance.tsx";
import { JobPage } from "./job.tsx";
import { JobsPage } from "./jobs.tsx";
import { MeterPage } from "./meter.tsx";
import { OverviewPage } from "./overview.tsx";
import { ReproduciblePage } from "./reproducible.tsx";
import { SlotPage } from "./slot.tsx";
import { TransactionPage } from "./transaction.tsx";
import { UnknownPage } from "./unknown.tsx";

export function ShownPlace({ place, search }: { readonly place: Place; readonly search: string }) {
  switch (place.page) {
    case "overview":
      return <OverviewPage />;
    case "jobs":
      return <JobsPage />;
    case "governance":
      return <GovernancePage />;
    case "events":
      return <EventsPage search={search} />;
    case "audit":
      return <AuditPage />;
    case "api":
      return <ApiPage />;
    case "slot":
      return <SlotPage zone={place.zone} slot={place.slot} />;
    case "meter":
      return <MeterPage address={place.address} />;
    case "account":
      return <AccountPage address={place.address} />;
    case "contract":
      return <ContractPage address={place.address} />;
    case "job":
      return <JobPage job={place.job} />;
    case "reproducible":
      return <ReproduciblePage job={place.job} />;
    case "certificate":
      return <CertificatePage tokenId={place.tokenId} />;
    case "block":
      return <BlockPage block={place.block} />;
    case "transaction":
      return <TransactionPage hash={place.hash} />;
    case "unknown":
      return <UnknownPage />;
  }
}
