/** A refusal that the contracts must answer with this error. */
export class Refusal extends Error {
  readonly error: string;

  constructor(error: string) {
    super(error);
    this.error = error;
  }
}

export interface GhostUse {
  readonly slot: number;
  readonly pay: bigint;
  readonly time: number;
}

export interface GhostLease {
  readonly id: number;
  readonly requester: string;
  readonly price: bigint;
  readonly accelerators: number;
  readonly rank: number;
  readonly madeSlot: number;
  readonly untilSlot: number;
  readonly durationSlots: number;
  state: "waiting" | "active" | "paused" | "closed";
  escrow: bigint;
  stake: bigint;
  firstSlot: number;
  endSlot: number;
  lastUse: number;
  alive: number;
  pausedSlot: number;
  /** Reported, not refused and not paid out. */
  uses: GhostUse[];
  /** How many of `uses` may no more be objected to, whatever the time. */
  accepted: number;
  /** How many were paid out. */
  settled: number;
}

/** Terms of the one offer. */
export const OFFER = { accelerators: 8, price: 100_000n, stake: 50_000_000n, least: 900, most: 40_000, powerW: 700 };

const SLOT = 900;
const [DAY, WEEK, OPEN] = [96, 672, 16];

/**
 * What the compute market must do with every tick: lists and plain sums, written from the interface's text. Each verb
 * refuses by the error that the contracts must refuse by.
 */
export class GhostMarket {
  time = 0;
  active = true;
  stake = 0n;
  unbonding = 0n;
  unbondingTime = 0;
  stakeIn = 0n;
  stakeOut = 0n;
  slashed = 0n;
  escrowIn = 0n;
  paidOut = 0n;
  refunded = 0n;
  refused = 0n;
  readonly leases: GhostLease[] = [];
  readonly earned = new Map<string, bigint>();
  readonly provider: string;

  constructor(provider: string) {
    this.provider = provider;
  }

  get slot(): number {
    return Math.floor(this.time / SLOT);
  }

  get locked(): bigint {
    return sum(this.leases.map(({ stake }) => stake));
  }

  get free(): bigint {
    return this.stake - this.locked - this.unbonding;
  }

  /** Escrow that is left, and pay that is not settled. */
  get inLeases(): bigint {
    return sum(this.leases.map(({ escrow, uses }) => escrow + sum(uses.map(({ pay }) => pay))));
  }

  get owed(): bigint {
    return sum([...this.earned.values()]);
  }

  get waiting(): GhostLease[] {
    return this.leases.filter(({ state }) => state === "waiting");
  }

  post(amount: bigint): void {
    demand(amount > 0n, "BadParameter");
    this.stake += amount;
    this.stakeIn += amount;
  }

  unstake(amount: bigint): void {
    demand(amount <= this.free, "StakeTooSmall");
    demand(amount > 0n, "BadParameter");
    this.unbonding += amount;
    this.unbondingTime = this.time + 7 * 86_400;
  }

  cancelUnstake(): void {
    demand(this.unbonding > 0n, "StakeUnbonding");
    this.unbonding = 0n;
  }

  collectStake(): void {
    demand(this.unbonding > 0n && this.time >= this.unbondingTime, "StakeUnbonding");
    this.stake -= this.unbonding;
    this.stakeOut += this.unbonding;
    this.unbonding = 0n;
  }

  request(
    by: string,
    asked: { accelerators: number; seconds: number; price: bigint; rank: number; duration: number; wait: number },
  ): void {
    demand(this.active, "ProviderInactive");
    demand(asked.accelerators >= 1 && asked.accelerators <= OFFER.accelerators, "BadParameter");
    demand(asked.seconds >= OFFER.least && asked.seconds <= OFFER.most, "BadParameter");
    demand(asked.price >= OFFER.price, "BidTooLow");
    const escrow = BigInt(asked.seconds) * asked.price;
    const lease: GhostLease = {
      id: this.leases.length + 1,
      requester: by,
      price: asked.price,
      accelerators: asked.accelerators,
      rank: asked.rank,
      madeSlot: this.slot,
      untilSlot: this.slot + asked.wait,
      durationSlots: asked.duration,
      state: "waiting",
      escrow,
      stake: 0n,
      firstSlot: 0,
      endSlot: 0,
      lastUse: 0,
      alive: 0,
      pausedSlot: 0,
      uses: [],
      accepted: 0,
      settled: 0,
    };
    this.leases.push(lease);
    this.escrowIn += escrow;
  }

  withdraw(by: string, lease: GhostLease): void {
    demand(lease.state === "waiting", "WrongLeaseState");
    demand(by === lease.requester || this.slot > lease.untilSlot, "TooSoon");
    this.#refund(lease);
  }

  start(): GhostLease {
    const leased = this.#running().reduce((total, { accelerators }) => total + accelerators, 0);
    const [first] = this.waiting
      .filter(({ madeSlot, untilSlot }) => madeSlot < this.slot && this.slot <= untilSlot)
      .filter(({ accelerators }) => accelerators <= OFFER.accelerators - leased)
      .sort((a, b) => Number(b.price - a.price) || b.rank - a.rank || a.id - b.id);
    if (first === undefined) throw new Refusal("NothingWaits");
    demand(this.active, "ProviderInactive");
    demand(this.free >= OFFER.stake, "StakeTooSmall");
    first.state = "active";
    first.stake = OFFER.stake;
    first.firstSlot = first.alive = this.slot;
    first.endSlot = this.slot + first.durationSlots - 1;
    return first;
  }

  report(by: string, lease: GhostLease, slot: number, seconds: number): void {
    runs(lease);
    demand(by === this.provider, "NotEntitled");
    const paused = lease.state === "paused";
    const late = slot < this.slot - DAY || slot <= lease.lastUse || slot < lease.firstSlot;
    demand(
      !late && slot < this.slot && slot <= lease.endSlot && !(paused && slot >= lease.pausedSlot),
      "UseOutOfRange",
    );
    demand(seconds >= 1 && seconds <= lease.accelerators * SLOT, "UseTooLarge");
    demand(lease.escrow >= lease.price, "EscrowEmpty");
    // Counted from the end: those paid out were open to nothing any more.
    const open = lease.uses.filter((use, at) => at >= lease.accepted && this.time < use.time + OPEN * SLOT);
    demand(open.length < 16, "TooManyOpenUses");
    const affordable = lease.escrow / lease.price;
    const pay = lease.price * (BigInt(seconds) < affordable ? BigInt(seconds) : affordable);
    lease.uses.push({ slot, pay, time: this.time });
    lease.escrow -= pay;
    lease.lastUse = slot;
    lease.alive = this.slot;
    if (!paused && lease.escrow < lease.price) this.#pause(lease);
  }

  accept(by: string, lease: GhostLease): void {
    runs(lease);
    demand(by === lease.requester, "NotEntitled");
    lease.accepted = lease.uses.length;
  }

  /** @param from a use, counted from the first of the lease */
  refuse(by: string, lease: GhostLease, from: number): void {
    runs(lease);
    demand(by === lease.requester, "NotEntitled");
    const at = from - lease.settled;
    const use = lease.uses[at];
    if (use === undefined || at < lease.accepted || this.time >= use.time + OPEN * SLOT)
      throw new Refusal("UseSettled");
    const pay = sum(lease.uses.splice(at).map((gone) => gone.pay));
    lease.accepted = at;
    const [fromEscrow, fromStake] = [least(pay / 8n, lease.escrow), least(pay / 8n, lease.stake)];
    lease.escrow -= fromEscrow;
    lease.stake -= fromStake;
    this.stake -= fromStake;
    this.slashed += fromStake;
    this.refused += pay + fromEscrow;
    lease.endSlot = Math.min(lease.endSlot, this.slot);
  }

  claim(lease: GhostLease, most: number): void {
    let paid = 0;
    for (let use = lease.uses[0]; use !== undefined && paid < most; use = lease.uses[0], ++paid) {
      if (lease.accepted === 0 && this.time < use.time + OPEN * SLOT) break;
      lease.uses.shift();
      ++lease.settled;
      lease.accepted = Math.max(0, lease.accepted - 1);
      this.#credit(this.provider, use.pay);
      this.paidOut += use.pay;
    }
    demand(paid > 0, "NothingToClaim");
  }

  topUp(lease: GhostLease, amount: bigint): void {
    runs(lease);
    demand(this.slot <= lease.endSlot, "WrongLeaseState");
    demand(amount > 0n, "BadParameter");
    const dry = lease.escrow < lease.price;
    lease.escrow += amount;
    this.escrowIn += amount;
    if (dry && lease.state === "paused" && lease.escrow >= lease.price) this.#resume(lease);
  }

  pause(lease: GhostLease): void {
    runs(lease);
    demand(lease.state === "active" && this.slot <= lease.endSlot, "WrongLeaseState");
    demand(this.slot >= lease.alive + 2 * DAY, "TooSoon");
    this.#pause(lease);
  }

  resume(by: string, lease: GhostLease): void {
    runs(lease);
    demand(by === lease.requester || by === this.provider, "NotEntitled");
    demand(lease.state === "paused" && this.slot <= lease.endSlot, "WrongLeaseState");
    demand(lease.escrow >= lease.price, "EscrowEmpty");
    this.#resume(lease);
  }

  notice(by: string, lease: GhostLease): void {
    runs(lease);
    demand(by === lease.requester || by === this.provider, "NotEntitled");
    lease.endSlot = Math.min(lease.endSlot, by === lease.requester ? this.slot : this.slot + DAY);
  }

  close(by: string, lease: GhostLease): void {
    runs(lease);
    const last = lease.uses.at(-1);
    const open = last !== undefined && lease.accepted < lease.uses.length && this.time < last.time + OPEN * SLOT;
    const over = this.slot > lease.endSlot + DAY + OPEN;
    const given = lease.state === "paused" && this.slot >= lease.pausedSlot + WEEK;
    demand(over || given || (by === this.provider && this.slot > lease.endSlot && !open), "TooSoon");
    lease.stake = 0n;
    this.#refund(lease);
  }

  collect(by: string): bigint {
    const due = this.earned.get(by) ?? 0n;
    demand(due > 0n, "NothingToPay");
    this.earned.set(by, 0n);
    return due;
  }

  #running(): GhostLease[] {
    return this.leases.filter(({ state }) => state === "active" || state === "paused");
  }

  #refund(lease: GhostLease): void {
    lease.state = "closed";
    this.#credit(lease.requester, lease.escrow);
    this.refunded += lease.escrow;
    lease.escrow = 0n;
  }

  #pause(lease: GhostLease): void {
    lease.state = "paused";
    lease.pausedSlot = this.slot;
  }

  #resume(lease: GhostLease): void {
    lease.state = "active";
    lease.firstSlot = lease.alive = this.slot;
  }

  #credit(account: string, ticks: bigint): void {
    this.earned.set(account, (this.earned.get(account) ?? 0n) + ticks);
  }
}

function runs({ state }: GhostLease): void {
  demand(state === "active" || state === "paused", "WrongLeaseState");
}

function demand(holds: boolean, error: string): void {
  if (!holds) throw new Refusal(error);
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
