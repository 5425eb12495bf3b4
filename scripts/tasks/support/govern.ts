import { AbiCoder, keccak256 } from "ethers";
import { blockCall } from "../../../src/chain/calls.ts";
import { JouleworkError } from "../../../src/errors.ts";
import type { Session } from "./session.ts";

/**
 * A decision of governance about the exchange, or about the contract at `target`. Where it has a delay, the first call
 * schedules it and the same call does
 * it once the delay is over. Returns the time from which it can be done, or undefined when it is done.
 */
export async function govern(
  session: Session,
  data: string,
  target = session.exchange.address,
): Promise<number | undefined> {
  const manager = session.contract("AccessManager");
  const { rpc } = session.exchange;
  const { address: governor } = await session.key("governor");
  const { immediate, delay } = await manager.read("canCall", [governor, target, data.slice(0, 10)]);
  if (!immediate && delay === 0) {
    throw new JouleworkError({
      code: "NOT_GOVERNOR",
      what: "The account may not decide this",
      values: { account: governor },
      hint: "Sign with the governor's key: JOULEWORK_GOVERNOR_KEY, or the network's accounts.",
    });
  }
  if (!immediate) {
    const operation = keccak256(
      AbiCoder.defaultAbiCoder().encode(["address", "address", "bytes"], [governor, target, data]),
    );
    let readyAt = await manager.read("getSchedule", [operation]);
    if (readyAt === 0) {
      await session.send("governor", manager.encode("schedule", [target, data, 0]), manager.address);
      readyAt = await manager.read("getSchedule", [operation]);
    }
    const now = (await rpc.call(blockCall("latest")))?.timestamp ?? 0;
    if (now < readyAt) return readyAt;
  }
  await session.send("governor", data, target);
  return undefined;
}
