import { hexlify, toUtf8Bytes } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { govern } from "./support/govern.ts";
import { parseInput } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

/** In the order of the contract's `QuestGoal`. */
const GOALS = ["points", "shed", "tier", "streak"] as const;
const schema = z.object({
  goal: z.enum(GOALS, "must be points, shed, tier or streak"),
  threshold: z.int().min(1, "must be at least 1"),
  title: z.string().regex(/^[A-Za-z0-9 -]{1,32}$/, "must be 1 to 32 letters, digits, spaces and hyphens"),
});

interface QuestArguments {
  readonly goal: string;
  readonly threshold: number;
  readonly title: string;
  readonly deployment: string;
}

export default function questAction(input: QuestArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { goal, threshold, title } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const badges = session.contract("Badges");
    const padded = hexlify(toUtf8Bytes(title)).padEnd(66, "0");
    const data = badges.encode("addQuest", [GOALS.indexOf(goal), BigInt(threshold), padded]);
    const readyAt = await govern(session, data, badges.address);
    if (readyAt === undefined) console.log(`Quest ${String(await badges.read("questCount", []))}: ${title}.`);
    else console.log(`Scheduled; run it again from ${new Date(readyAt * 1000).toISOString()} on.`);
  });
}
