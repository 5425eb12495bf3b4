import type { LocalAccount } from "../../../src/chain/localChain.ts";
import { connectContract } from "../../../src/chain/contract.ts";
import { TEST_TOKEN_ABI } from "../../../src/chain/tokenAbi.ts";
import { ticksToBaseUnits } from "../../../src/units.ts";
import type { Session } from "./session.ts";

const BASE_UNITS_PER_CREDIT = 10n ** 18n;

/** Buys credits at the desk at its price of the moment; where the system has a free test token, mints that first. */
export async function buyCredits(session: Session, account: LocalAccount, ticks: bigint): Promise<void> {
  const desk = session.contract("CreditDesk");
  const { rpc, deployment } = session.exchange;
  const { address } = await session.key(account);
  const amount = ticksToBaseUnits(ticks);
  const sellPrice = await desk.read("sellPrice", []);
  const payment = (amount * sellPrice + BASE_UNITS_PER_CREDIT - 1n) / BASE_UNITS_PER_CREDIT;
  const token = connectContract({ rpc, abi: TEST_TOKEN_ABI, address: await desk.read("paymentToken", []) });
  const held = await token.read("balanceOf", [address]);
  if (held < payment && deployment.contracts.TestPaymentToken === token.address) {
    await session.send(account, token.encode("mint", [address, payment - held]), token.address);
  }
  await session.send(account, token.encode("approve", [desk.address, payment]), token.address);
  await session.send(account, desk.encode("buy", [address, amount, payment]), desk.address);
}
