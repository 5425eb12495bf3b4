import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { readBook } from "./support/readBook.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

interface CommitArguments {
  readonly book: string;
  readonly deployment: string;
}

export default function commitAction(input: CommitArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const session = await openSession(hre, input.deployment);
    const { zone, slot, hash, signedHashes, superseded } = await readBook(input.book, session);
    const { contract } = session.exchange;
    await session.send("matcher", contract.encode("commitBook", [zone, slot, hash, signedHashes.length]));
    const left = superseded.length === 0 ? "" : `; ${String(superseded.length)} are superseded by orders on chain`;
    console.log(`Book ${hash} of ${String(signedHashes.length)} orders committed for slot ${String(slot)}${left}.`);
  });
}
