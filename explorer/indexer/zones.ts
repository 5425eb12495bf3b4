/** In which zone sites, meters, leases and jobs are, learned from events in the chain's order. */
export class Zones {
  readonly #sites = new Map<number, number>();
  readonly #meters = new Map<string, number>();
  readonly #leases = new Map<string, number>();
  readonly #jobs = new Map<string, number>();

  /** Takes in what an event says about it. */
  learn(contract: string, name: string, args: Readonly<Record<string, unknown>>): void {
    switch (`${contract}.${name}`) {
      case "EnergyExchange.SiteRegistered":
        this.#sites.set(Number(args.site), Number(args.zone));
        break;
      case "EnergyExchange.MeterRegistered":
        set(this.#meters, String(args.meter), this.#sites.get(Number(args.site)));
        break;
      case "EnergyExchange.MeterReplaced":
        set(this.#meters, String(args.newMeter), this.#meters.get(String(args.oldMeter)));
        break;
      case "ComputeMarket.LeaseRequested":
        this.#leases.set(String(args.lease), Number(args.zone));
        break;
      case "TrainingJobs.JobPosted":
        this.#jobs.set(String(args.job), (args.terms as { readonly zone: number }).zone);
        break;
      default:
    }
  }

  /** The zone of what an event names. */
  zoneOf({ meter, site, lease, job }: Readonly<Record<string, unknown>>): number | undefined {
    return (
      this.#meters.get(String(meter)) ??
      this.#sites.get(Number(site)) ??
      this.#leases.get(String(lease)) ??
      this.#jobs.get(String(job))
    );
  }
}

/** The events that `learn` understands, by contract. */
export const ZONE_EVENTS: Readonly<Record<string, readonly string[]>> = {
  EnergyExchange: ["SiteRegistered", "MeterRegistered", "MeterReplaced"],
  ComputeMarket: ["LeaseRequested"],
  TrainingJobs: ["JobPosted"],
};

function set(map: Map<string, number>, key: string, zone: number | undefined): void {
  if (zone !== undefined) map.set(key, zone);
}
