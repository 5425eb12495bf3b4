import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { laneOf } from "../../src/market/meterWord.ts";
import { parseInput, slotField, zoneField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession, type Session } from "./support/session.ts";

const schema = z.object({ zone: zoneField, slot: slotField, batch: z.int().min(1).max(500) });

type CloseArguments = z.input<typeof schema> & { readonly deployment: string };

export default function closeAction(input: CloseArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { zone, slot: through, batch } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const { exchange } = session;
    const { closedThrough, newestSlot } = await exchange.zone(zone);
    // Slots without a record were never touched: closing a later one passes over them.
    for (let slot = closedThrough + 1; slot <= Math.min(through, newestSlot); ++slot) {
      if ((await exchange.slot(zone, slot)) !== undefined) await closeSlot(session, zone, slot, batch);
    }
    if ((await exchange.zone(zone)).closedThrough < through) {
      await session.send("gateway", exchange.contract.encode("passOver", [zone, through]));
    }
    console.log(`Zone ${String(zone)} is closed through slot ${String((await exchange.zone(zone)).closedThrough)}.`);
  });
}

async function closeSlot(session: Session, zone: number, slot: number, batch: number): Promise<void> {
  const { exchange, send, eventsOf } = session;
  const unread = await unreadMeters(session, zone, slot);
  for (let first = 0; first === 0 || first < unread.length; first += batch) {
    const meters = unread.slice(first, first + batch);
    const receipt = await send("gateway", exchange.contract.encode("close", [zone, slot, meters]));
    for (const event of eventsOf(receipt)) {
      if (event.name === "PositionClosed") console.log(`unread ${event.args.meter} in slot ${String(slot)}`);
      if (event.name !== "SlotClosed") continue;
      console.log(
        `Slot ${String(slot)} closed${event.args.flagged ? ", FLAGGED: its feeder does not match its meters" : ""}.`,
      );
    }
  }
}

/** Meters whose position of the slot still waits for a reading. */
async function unreadMeters({ exchange }: Session, zone: number, slot: number): Promise<string[]> {
  const events = await exchange.events({ names: ["MeterRegistered", "MeterReplaced"] });
  const meters = events.map((event) => (event.name === "MeterRegistered" ? event.args.meter : event.args.newMeter));
  const states = await exchange.meters(meters);
  return states
    .filter(({ word }) => word.zone === zone && word.lastSlot < slot && slot <= word.lastSlot + 2)
    .filter(({ word }) => laneOf(word, slot) !== null)
    .map(({ address }) => address);
}
