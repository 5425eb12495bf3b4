import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { encodeBook } from "../../src/market/book.ts";
import { itemErrorOf } from "../../src/market/itemErrors.ts";
import { decodeFill } from "../../src/market/packed.ts";
import { formatPrice, formatWh } from "../../src/units.ts";
import { printExplorerLink } from "../explorer/explorerLink.ts";
import { readBook } from "./support/readBook.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

interface ClearArguments {
  readonly book: string;
  readonly deployment: string;
}

export default function clearAction(input: ClearArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const session = await openSession(hre, input.deployment);
    const book = await readBook(input.book, session);
    const { bidEntries, offerEntries } = encodeBook(book);
    const { contract } = session.exchange;
    const receipt = await session.send(
      "matcher",
      contract.encode("clear", [book.zone, book.slot, bidEntries, offerEntries]),
    );
    for (const event of session.eventsOf(receipt)) {
      if (event.name === "OrderCleared") {
        const { side, filledWh, energyWh } = decodeFill(event.args.fill);
        console.log(`${side.padEnd(5)} ${event.args.meter} ${formatWh(filledWh)} of ${formatWh(energyWh)}`);
      } else if (event.name === "OrderSkipped") {
        console.log(`skipped ${event.args.meter}: ${itemErrorOf(event.args.reason) ?? event.args.reason}`);
      } else if (event.name === "SlotCleared") {
        const { clearingPrice, matchedWh } = event.args;
        console.log(
          `Slot ${String(book.slot)} cleared: ${formatWh(matchedWh)} at ${formatPrice(clearingPrice)} credits a kWh.`,
        );
      }
    }
    await printExplorerLink(`/slot/${String(book.zone)}/${String(book.slot)}`, session.exchange.rpc);
  });
}
