import { useEffect } from "preact/hooks";
import type { TransactionAnswer } from "../../../api/block.ts";
import { useAnswer } from "../answers/useAnswer.ts";
import { whole } from "../format/quantities.ts";
import { utc } from "../format/time.ts";
import { Answered } from "../parts/answered.tsx";
import { Copy } from "../parts/copy.tsx";
import { LogTable } from "../parts/events.tsx";
import { Facts, type Fact } from "../parts/facts.tsx";
import { AddressLink, BlockLink } from "../parts/links.tsx";
import { PageHead } from "../parts/pageHead.tsx";
import { Panel } from "../parts/panel.tsx";
import { Tag } from "../parts/states.tsx";
import { Table } from "../parts/table.tsx";
import { Call } from "./transaction/call.tsx";
import { Trace } from "./transaction/trace.tsx";

export function TransactionPage({ hash }: { readonly hash: string }) {
  const asked = useAnswer("transaction", { params: { hash } });
  return (
    <>
      <PageHead kind="Transaction" title={hash}>
        {asked.answer !== null && (
          <>
            <Tag tone={asked.answer.succeeded ? "good" : "bad"}>
              {asked.answer.succeeded ? "succeeded" : "reverted"}
            </Tag>
            <span class="number">{utc(asked.answer.time)} UTC</span>
          </>
        )}
      </PageHead>
      <Answered asked={asked} what="the transaction">
        {(answer) => <Shown transaction={answer} />}
      </Answered>
    </>
  );
}

function Shown({ transaction }: { readonly transaction: TransactionAnswer }) {
  useScrollToLog();
  const { revert, skipped, trace } = transaction;
  return (
    <>
      {revert !== null && (
        <div class="problem" role="note">
          <p>
            <strong>Reverted: {revert.name}</strong>
          </p>
          <p>{revert.words}</p>
          <Call signature={revert.name} args={revert.args} />
        </div>
      )}
      <Panel title="About this transaction" wide>
        <Facts facts={aboutOf(transaction)} />
      </Panel>
      <Panel title="Call" wide>
        {transaction.call === null ? (
          <p class="empty">The function is unknown, so its arguments cannot be read.</p>
        ) : (
          <Call signature={transaction.call.signature} args={transaction.call.args} />
        )}
        <details>
          <summary>Input data, {whole((transaction.input.length - 2) / 2)} bytes</summary>
          <Copy text={transaction.input} what="the input" />
          <pre class="hex-dump" tabIndex={0}>
            {transaction.input}
          </pre>
        </details>
      </Panel>
      {skipped.length > 0 && (
        <Panel title="Items left out of the batch" wide>
          <Table
            caption="Items left out of the batch"
            columns={[
              {
                head: "Log",
                cell: ({ logIndex }) => <a href={`#log-${String(logIndex)}`}>{logIndex}</a>,
                numeric: true,
              },
              { head: "Error", cell: ({ name }) => name, rowHead: true },
              { head: "In words", cell: (item) => item.words },
            ]}
            rows={skipped}
            empty=""
          />
        </Panel>
      )}
      <Panel title="Events" wide note={whole(transaction.events.length)}>
        <LogTable caption="Events of this transaction" events={transaction.events} />
      </Panel>
      <Panel title="Calls within" wide>
        {trace === null ? <p class="empty">The node cannot trace.</p> : <Trace trace={trace} />}
      </Panel>
    </>
  );
}

function aboutOf(transaction: TransactionAnswer): Fact[] {
  const { to, createdContract } = transaction;
  return [
    ["Block", <BlockLink block={transaction.blockNumber} />],
    ["From", <AddressLink address={transaction.from} whole />],
    ["To", to === null ? "creation of a contract" : <AddressLink address={to} name={transaction.contract} whole />],
    ...(createdContract === null
      ? []
      : [["Created", <AddressLink address={createdContract} kind="contract" whole />] satisfies Fact]),
    ["Value", `${whole(BigInt(transaction.valueWei))} wei`],
    ["Gas", `${whole(transaction.gasUsed)} of ${whole(transaction.gasLimit)}`],
    ["Gas price", `${whole(BigInt(transaction.gasPriceWei))} wei`],
    ["Nonce", transaction.nonce],
    ["Place in its block", transaction.index],
  ];
}

/** A link to a log arrives before the log is drawn. */
function useScrollToLog(): void {
  useEffect(() => {
    const { hash } = window.location;
    if (!hash.startsWith("#log-")) return;
    const row = document.getElementById(hash.slice(1));
    row?.classList.add("target");
    row?.scrollIntoView({ block: "center" });
  }, []);
}
