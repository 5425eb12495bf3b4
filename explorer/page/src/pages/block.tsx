import { usePages } from "../answers/usePages.ts";
import { share, whole } from "../format/quantities.ts";
import { utc } from "../format/time.ts";
import { Facts } from "../parts/facts.tsx";
import { More } from "../parts/more.tsx";
import { PageHead } from "../parts/pageHead.tsx";
import { Panel } from "../parts/panel.tsx";
import { Loading, ProblemBox } from "../parts/states.tsx";
import { Table } from "../parts/table.tsx";
import { TRANSACTION_COLUMNS } from "./transaction/rows.tsx";

export function BlockPage({ block: id }: { readonly block: string }) {
  const { pages, problem, askAgain, ...next } = usePages("block", { params: { block: id } });
  const [block] = pages;
  return (
    <>
      <PageHead kind="Block" title={block === undefined ? id : String(block.number)}>
        {block !== undefined && (
          <>
            <span class="number">{utc(block.time)} UTC</span>
            <nav class="steps" aria-label="Neighbouring blocks">
              {block.number > 0 && (
                <a href={`/block/${String(block.number - 1)}`} rel="prev">
                  ← Previous block
                </a>
              )}
              <a href={`/block/${String(block.number + 1)}`} rel="next">
                Next block →
              </a>
            </nav>
          </>
        )}
      </PageHead>
      {problem !== null && <ProblemBox problem={problem} askAgain={askAgain} />}
      {block === undefined && problem === null && <Loading what="the block" />}
      {block !== undefined && (
        <>
          <Panel title="About this block" wide>
            <Facts
              facts={[
                ["Hash", <code class="break">{block.hash}</code>],
                [
                  "Parent",
                  <a class="hex break" href={`/block/${block.parentHash}`}>
                    {block.parentHash}
                  </a>,
                ],
                [
                  "Gas",
                  `${whole(block.gasUsed)} of ${whole(block.gasLimit)} (${share(block.gasLimit === 0 ? 0 : Math.round((block.gasUsed / block.gasLimit) * 1e6))})`,
                ],
              ]}
            />
          </Panel>
          <Panel title="Transactions" wide>
            <Table
              caption="Transactions of this block"
              columns={TRANSACTION_COLUMNS}
              rows={pages.flatMap((page) => page.transactions)}
              empty="This block is empty."
            />
            <More {...next} what="transactions" />
          </Panel>
        </>
      )}
    </>
  );
}
