import cliProgress from "cli-progress";
import type { Progress } from "../../explorer/indexer/indexer.ts";

/** Below this a bar would be gone before it is seen. */
const SHORT_BLOCKS = 2_000;

/** Shows how the first look at a chain goes: a bar on a terminal, a line elsewhere, and why it stands still. */
export function indexBar(): (progress: Progress) => void {
  let bar: cliProgress.SingleBar | undefined;
  let finished = false;
  let problem: string | null = null;
  return ({ fromBlock, indexedBlock, toBlock, problem: told }) => {
    if (told !== problem && told !== null) console.error(`The index waits: ${told}`);
    problem = told;
    if (finished || toBlock < fromBlock) return;
    if (bar === undefined) {
      if (toBlock - indexedBlock < SHORT_BLOCKS) {
        finished = true;
        return;
      }
      console.log(`Indexing blocks ${String(indexedBlock + 1)} to ${String(toBlock)}; the page shows what is there.`);
      // Without a terminal it draws nothing.
      bar = new cliProgress.SingleBar({
        format: "  {bar} {value}/{total} blocks, {eta_formatted} left",
        barsize: 40,
        hideCursor: true,
      });
      bar.start(toBlock - fromBlock + 1, 0);
    }
    bar.update(indexedBlock - fromBlock + 1);
    if (indexedBlock < toBlock) return;
    bar.stop();
    finished = true;
  };
}
