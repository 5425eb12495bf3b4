import type { ExchangeEvent } from "../chain/exchange.ts";
import { decodeMeterWord } from "../market/meterWord.ts";
import { decodeFill } from "../market/packed.ts";
import type { Member } from "./members.ts";

/** What neighbours traded in a zone's slot, beside what physics let them exchange. Energies in Wh. */
export interface PeerToPeer {
  readonly zone: number;
  readonly slot: number;
  /** Cleared between neighbours, out of what they expected. */
  readonly matchedWh: number;
  /** What of it sellers gave and buyers took: the smaller of both sides. */
  readonly deliveredWh: number;
  /** The physical ceiling: the smaller of what meters gave in all and what meters took in all. */
  readonly ceilingWh: number;
}

interface Flow {
  netWh: number;
  boughtWh: number;
  soldWh: number;
}

/**
 * Trade and its physical ceiling in each zone and slot of a run, from the events of the exchange alone. The feeders'
 * meters take no part.
 */
export function peerToPeer(
  events: readonly ExchangeEvent[],
  members: readonly Member[],
  firstSlot: number,
  slots: number,
): readonly PeerToPeer[] {
  const zones = new Map(members.flatMap(({ kind, key, zone }) => (kind === "feeder" ? [] : [[key.address, zone]])));
  const registers = new Map<string, number>();
  const flows = new Map<string, Map<string, Flow>>();
  const flowOf = (meter: string, slot: number): Flow | undefined => {
    const zone = zones.get(meter);
    if (zone === undefined || slot < firstSlot || slot >= firstSlot + slots) return undefined;
    const place = `${String(zone)}/${String(slot)}`;
    const meters = flows.get(place) ?? new Map<string, Flow>();
    flows.set(place, meters);
    const flow = meters.get(meter) ?? { netWh: 0, boughtWh: 0, soldWh: 0 };
    meters.set(meter, flow);
    return flow;
  };
  for (const event of events) {
    if (event.name === "OrderCleared") {
      const { slot, side, filledWh } = decodeFill(event.args.fill);
      const flow = flowOf(event.args.meter, slot);
      if (flow !== undefined) flow[side === "offer" ? "soldWh" : "boughtWh"] += filledWh;
    } else if (event.name === "ReadingSettled") {
      const { importWh, exportWh, lastSlot } = decodeMeterWord(event.args.word);
      const netWh = importWh - exportWh;
      const flow = flowOf(event.args.meter, lastSlot);
      if (flow !== undefined) flow.netWh = netWh - (registers.get(event.args.meter) ?? 0);
      registers.set(event.args.meter, netWh);
    }
  }
  return [...flows].map(([place, meters]) => {
    const [zone = 0, slot = 0] = place.split("/").map(Number);
    return { zone, slot, ...slotFigures([...meters.values()]) };
  });
}

function slotFigures(flows: readonly Flow[]): Omit<PeerToPeer, "zone" | "slot"> {
  const sum = (pick: (flow: Flow) => number): number => flows.reduce((total, flow) => total + pick(flow), 0);
  const surplus = ({ netWh }: Flow): number => Math.max(0, -netWh);
  const deficit = ({ netWh }: Flow): number => Math.max(0, netWh);
  return {
    matchedWh: sum(({ soldWh }) => soldWh),
    deliveredWh: Math.min(
      sum((flow) => Math.min(flow.soldWh, surplus(flow))),
      sum((flow) => Math.min(flow.boughtWh, deficit(flow))),
    ),
    ceilingWh: Math.min(sum(surplus), sum(deficit)),
  };
}
