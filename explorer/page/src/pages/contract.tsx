import type { ContractAnswer } from "../../../api/contract.ts";
import { useAnswer } from "../answers/useAnswer.ts";
import { whole } from "../format/quantities.ts";
import { Answered } from "../parts/answered.tsx";
import { Copy } from "../parts/copy.tsx";
import { EventBrowser } from "../parts/eventBrowser.tsx";
import { Facts } from "../parts/facts.tsx";
import { PageHead } from "../parts/pageHead.tsx";
import { Panel } from "../parts/panel.tsx";
import { Tag } from "../parts/states.tsx";
import { useLocation } from "../router/location.ts";
import { Reads } from "./contract/reads.tsx";

const VERIFIED = {
  exact: "source verified: exact match",
  match: "source verified: same code, other metadata",
  no: "source not verified",
} as const;

export function ContractPage({ address }: { readonly address: string }) {
  const asked = useAnswer("contract", { params: { address } });
  return (
    <>
      <PageHead kind="Contract" title={asked.answer?.name ?? address}>
        <code class="break">{address}</code>
        {asked.answer !== null && (
          <Tag tone={asked.answer.verified === "no" ? "bad" : "good"}>{VERIFIED[asked.answer.verified]}</Tag>
        )}
      </PageHead>
      <Answered asked={asked} what="the contract">
        {(answer) => <Shown contract={answer} />}
      </Answered>
    </>
  );
}

function Shown({ contract }: { readonly contract: ContractAnswer }) {
  const { search } = useLocation();
  return (
    <>
      <Panel title="About this contract" wide>
        <Facts
          facts={[
            ["Code", `${whole(contract.codeBytes)} bytes`],
            ["Hash of the code", <code class="break">{contract.codeHash}</code>],
            ["Compiler", contract.compiler ?? "unknown"],
            ["Balance", `${whole(BigInt(contract.balanceWei))} wei`],
            ["As an account", <a href={`/account/${contract.address}`}>credits, transfers and events</a>],
          ]}
        />
      </Panel>
      <Reads address={contract.address} reads={contract.reads} />
      <Panel title="Events" wide note="Newest first">
        <EventBrowser
          fixed={{ contract: contract.name ?? contract.address }}
          search={search}
          path={`/contract/${contract.address}`}
          eventNames={contract.eventNames}
        />
      </Panel>
      <Panel title="Source" wide note={`${whole(contract.sources.length)} files`}>
        {contract.sources.length === 0 && <p class="empty">No source is known for this code.</p>}
        {contract.sources.map((source) => (
          <details key={source.path}>
            <summary>
              <code>{source.path}</code>
            </summary>
            <Copy text={source.text} what="this file" />
            <pre tabIndex={0}>{source.text}</pre>
          </details>
        ))}
        {contract.abi.length > 0 && (
          <details>
            <summary>ABI as JSON</summary>
            <Copy text={JSON.stringify(contract.abi)} what="the ABI" />
            <pre tabIndex={0}>{JSON.stringify(contract.abi, null, 2)}</pre>
          </details>
        )}
      </Panel>
    </>
  );
}
