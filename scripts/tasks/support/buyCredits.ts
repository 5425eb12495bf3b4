import type { LocalAccount } from "../../../src/chain/localChain.ts";
import { ticksToBaseUnits } from "../../../src/units.ts";
import { letDeskTake, paymentTokenOf } from "./paymentToken.ts";
import type { Session } from "./session.ts";

const BASE_UNITS_PER_CREDIT = 10n ** 18n;

export interface Purchase {
  readonly account: LocalAccount;
  readonly ticks: bigint;
  /** Who gets the credits; the account itself where left out. */
  readonly to?: string;
  /** Most that may be paid, in base units of the payment token. */
  readonly maxPayment?: bigint;
}

/** Buys credits at the desk at its price of the moment; returns what was paid. */
export async function buyCredits(session: Session, { account, ticks, to, maxPayment }: Purchase): Promise<bigint> {
  const desk = session.contract("CreditDesk");
  const amount = ticksToBaseUnits(ticks);
  const sellPrice = await desk.read("sellPrice", []);
  const payment = (amount * sellPrice + BASE_UNITS_PER_CREDIT - 1n) / BASE_UNITS_PER_CREDIT;
  await letDeskTake(session, account, await paymentTokenOf(session), payment);
  const receiver = to ?? (await session.key(account)).address;
  await session.send(account, desk.encode("buy", [receiver, amount, maxPayment ?? payment]), desk.address);
  return payment;
}
