import { formatUnits, parseUnits } from "ethers";
import type { LocalAccount } from "../../../src/chain/localChain.ts";
import { connectContract, type ConnectedContract } from "../../../src/chain/contract.ts";
import { TEST_TOKEN_ABI } from "../../../src/chain/tokenAbi.ts";
import { JouleworkError } from "../../../src/errors.ts";
import type { Session } from "./session.ts";

/** What credits are sold for: any ERC-20, or the local chain's free test token, which has its interface. */
export interface PaymentToken {
  readonly contract: ConnectedContract<typeof TEST_TOKEN_ABI>;
  readonly decimals: number;
  readonly symbol: string;
}

export async function paymentTokenOf(session: Session): Promise<PaymentToken> {
  const address = await session.contract("CreditDesk").read("paymentToken", []);
  const contract = connectContract({ rpc: session.exchange.rpc, abi: TEST_TOKEN_ABI, address });
  const [decimals, symbol] = [await contract.read("decimals", []), await contract.read("symbol", [])];
  return { contract, decimals, symbol };
}

/** An amount of the payment token as people write it, in base units. */
export function parsePayment(text: string, { decimals, symbol }: PaymentToken, argument: string): bigint {
  const [, fraction = ""] = /^\d+(?:\.(\d+))?$/.exec(text) ?? [undefined, undefined];
  if (/^\d+(\.\d+)?$/.test(text) && fraction.length <= decimals) return parseUnits(text, decimals);
  throw new JouleworkError({
    code: "ARGUMENT_INVALID",
    what: `The argument ${argument} is wrong (must be an amount of ${symbol} with at most ${String(decimals)} decimals)`,
    values: { text },
    hint: "Write it like 1250 or 0.3.",
  });
}

export function formatPayment(amount: bigint, { decimals, symbol }: PaymentToken): string {
  return `${formatUnits(amount, decimals).replace(/\.0$/, "")} ${symbol}`;
}

/** Lets the desk take `payment` of an account; where the system has a free test token, mints what is missing first. */
export async function letDeskTake(
  session: Session,
  account: LocalAccount,
  { contract }: PaymentToken,
  payment: bigint,
): Promise<void> {
  const { address } = await session.key(account);
  const held = await contract.read("balanceOf", [address]);
  if (held < payment && session.exchange.deployment.contracts.TestPaymentToken === contract.address) {
    await session.send(account, contract.encode("mint", [address, payment - held]), contract.address);
  }
  const desk = session.contract("CreditDesk");
  await session.send(account, contract.encode("approve", [desk.address, payment]), contract.address);
}
