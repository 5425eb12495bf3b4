import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { chainTime } from "../../src/chain/chainTime.ts";
import { mineAt } from "../../src/chain/localChain.ts";
import { createRpcClient, type RpcClient } from "../../src/chain/rpc.ts";
import { JouleworkError } from "../../src/errors.ts";
import { GATE_CLOSURE_SECONDS, GATE_OPEN_SLOTS } from "../../src/market/timeline.ts";
import { SLOT_SECONDS, slotOf, slotStart } from "../../src/units.ts";
import { LOCAL_CHAIN_ID } from "./support/keys.ts";
import { parseInput, slotField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openNetwork } from "./support/session.ts";

const schema = z.object({
  slot: z.literal(0).or(slotField),
  seconds: z
    .int()
    .min(0, "must not be negative")
    .max(SLOT_SECONDS - 1, "must be within the slot: at most 899"),
});

export default function timeAction(input: z.input<typeof schema>, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { slot, seconds } = parseInput(schema, input);
    const { url, keys } = await openNetwork(hre);
    const rpc = createRpcClient({ url });
    if (slot !== 0) await moveTo(rpc, keys.chainId, slotStart(slot) + seconds);
    const now = await chainTime(rpc);
    const first = slotOf(now + GATE_CLOSURE_SECONDS) + 1;
    const time = new Date(now * 1000).toISOString().replace("T", " ").slice(0, 19);
    const gates = `slots ${String(first)} to ${String(slotOf(now) + GATE_OPEN_SLOTS)}`;
    console.log(`${time} UTC, slot ${String(slotOf(now))}. Orders are taken for ${gates}.`);
  });
}

async function moveTo(rpc: RpcClient, chainId: number, unixSeconds: number): Promise<void> {
  const now = await chainTime(rpc);
  if (chainId !== LOCAL_CHAIN_ID) {
    throw new JouleworkError({
      code: "CHAIN_NOT_LOCAL",
      what: "Only a local node's clock can be set",
      values: { chainId },
      hint: "Leave --slot out to see the chain's time.",
    });
  }
  if (unixSeconds <= now) {
    throw new JouleworkError({
      code: "TIME_PASSED",
      what: "The chain is past this time",
      values: { asked: unixSeconds, now },
      hint: "A clock goes forward only; choose a later slot, or start a new node.",
    });
  }
  await mineAt(rpc, unixSeconds);
}
