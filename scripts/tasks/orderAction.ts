import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { chainTime } from "../../src/chain/chainTime.ts";
import { requireOpenGate } from "../../src/market/service/admitOrder.ts";
import { orderBody, postOrder } from "../../src/market/service/postOrder.ts";
import { sideCode } from "../../src/market/side.ts";
import type { SignedOrder } from "../../src/market/sign.ts";
import { formatPrice, formatWh } from "../../src/units.ts";
import { printExplorerLink } from "../explorer/explorerLink.ts";
import { addToBook } from "./support/bookFile.ts";
import { parseOrderInput, type OrderInput, type OrderTerms } from "./support/orderInput.ts";
import { printJson } from "./support/printTable.ts";
import { runTask } from "./support/runTask.ts";
import { openSession, type Session } from "./support/session.ts";
import { checkOrder, signChecked } from "./support/signOrder.ts";

type TaskArguments = OrderInput & { readonly deployment: string };

export default function orderAction(input: TaskArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const parsed = parseOrderInput(input);
    const session = await openSession(hre, input.deployment);
    requireOpenGate(parsed, await chainTime(session.exchange.rpc));
    const { slot, meter, as, terms } = parsed;
    const { contract } = session.exchange;
    if (terms === undefined) {
      await session.send(as, contract.encode("cancelOrder", [slot, meter]));
      console.log(`Meter ${meter} orders nothing for slot ${String(slot)}; an order that was signed for it is void.`);
    } else if (parsed.place) {
      const { zone } = (await checkOrder(session, meter, slot, terms)).order;
      const { side, energyWh, limitPrice } = terms;
      await session.send(as, contract.encode("placeOrder", [slot, meter, sideCode(side), energyWh, limitPrice]));
      console.log(`Placed on chain for meter ${meter} and slot ${String(slot)}: ${formatTerms(terms)}.`);
      await printExplorerLink(`/slot/${String(zone)}/${String(slot)}`, session.exchange.rpc);
    } else {
      await deliver(session, parsed, await signChecked(session, { ...parsed, terms }));
    }
  });
}

/** Gives a signed order to whom the arguments name; prints it where they name nobody. */
async function deliver(
  session: Session,
  { book, matcher }: { readonly book: string; readonly matcher: string },
  order: SignedOrder,
): Promise<void> {
  const { zone, slot, meter } = order;
  if (book !== "") {
    const count = await addToBook(book, order);
    console.log(`Order of meter ${meter} added: ${book} has ${String(count)} of slot ${String(slot)}.`);
  } else if (matcher !== "") {
    const { domain, exchange } = session;
    const entitled = await exchange.contract.read("matcherAt", [zone, slot]);
    printJson(await postOrder({ url: matcher, domain, order, matcher: entitled }));
  } else {
    printJson(orderBody(order));
  }
}

function formatTerms({ side, energyWh, limitPrice }: OrderTerms): string {
  return `${side} of ${formatWh(energyWh)} at ${formatPrice(limitPrice)} credits a kWh`;
}
