import { blockCall } from "../chain/calls.ts";
import { classRatedPowerW } from "../market/powerClass.ts";
import { encodeCertificateId } from "./certificateId.ts";
import type { CertificatesLink } from "./certificatesLink.ts";

/** What a device was issued of a token id. */
export interface DeviceIssue {
  readonly meter: string;
  readonly capacityW: number;
  readonly issuedWh: number;
}

/** How all certificates of a token id came to be. */
export interface LotIssues {
  /** Unix seconds of the last issue. */
  readonly issuedAt: number;
  /** In the order of issue. */
  readonly devices: readonly DeviceIssue[];
}

/** Issues by token id, from producers and from storage. */
export async function readLotIssues({ events, exchange }: CertificatesLink): Promise<Map<bigint, LotIssues>> {
  const issues = await events(["CertificatesIssued", "StorageDischarged"]);
  const addresses = [...new Set(issues.map(({ args }) => args.meter))];
  const meters = new Map((await exchange.meters(addresses)).map((meter) => [meter.address, meter]));
  const numbers = [...new Set(issues.map(({ blockNumber }) => blockNumber))];
  const blocks = await exchange.rpc.all(numbers.map((number) => blockCall(number)));
  const timeOf = new Map(blocks.map((block) => [block?.number, block?.timestamp ?? 0]));

  const lots = new Map<bigint, { issuedAt: number; devices: DeviceIssue[] }>();
  for (const event of issues) {
    const { meter, amountWh } = event.args;
    const word = meters.get(meter)?.word;
    const id =
      event.name === "CertificatesIssued"
        ? event.args.id
        : encodeCertificateId({ zone: word?.zone ?? 0, slot: event.args.slot, source: "storage" });
    const lot = lots.get(id) ?? { issuedAt: 0, devices: [] };
    lot.issuedAt = timeOf.get(event.blockNumber) ?? 0;
    lot.devices.push({ meter, capacityW: classRatedPowerW(word?.powerClass ?? 0), issuedWh: amountWh });
    lots.set(id, lot);
  }
  return lots;
}
