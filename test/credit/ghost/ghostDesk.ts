/** Who holds credits and payment tokens in the sequences. */
export const ACTORS = ["alice", "bob", "carol", "grid", "exchange"] as const;
export type Actor = (typeof ACTORS)[number];

const ONE = 10n ** 18n;

interface Waiting {
  readonly id: bigint;
  readonly seller: Actor;
  readonly to: Actor;
  readonly amount: bigint;
  readonly payment: bigint;
}

/** A refusal that the desk must answer with this error. */
export class Refusal extends Error {
  readonly error: string;

  constructor(error: string) {
    super(error);
    this.error = error;
  }
}

/**
 * What the desk must do, written with a plain list instead of numbers and holes, and with fractions instead of rounding:
 * every amount of backing is compared as payment x 10^18 against credits x price, which never divides.
 */
export class GhostDesk {
  sell: bigint;
  redeem: bigint;
  line = 0n;
  funds = 0n;
  donated = 0n;
  last = 0n;
  readonly waiting: Waiting[] = [];
  readonly aside: Waiting[] = [];
  readonly refused = new Set<Actor>();
  readonly credits = new Map<Actor, bigint>(ACTORS.map((actor) => [actor, 0n]));
  readonly tokens = new Map<Actor, bigint>(ACTORS.map((actor) => [actor, 0n]));
  /** Whether all that waits was queued at the present price. */
  onePrice = true;

  constructor(price: bigint) {
    this.sell = price;
    this.redeem = price;
  }

  get supply(): bigint {
    return sum([...this.credits.values()]);
  }

  get owed(): bigint {
    return sum(this.waiting.map(({ payment }) => payment));
  }

  get queued(): bigint {
    return sum(this.waiting.map(({ amount }) => amount));
  }

  get setAside(): bigint {
    return sum(this.aside.map(({ payment }) => payment));
  }

  /** Whether `credits` are backed by `payment` at the redeem price and the credit line. */
  covers(payment: bigint, credits: bigint): boolean {
    return payment * ONE + this.line * this.redeem >= credits * this.redeem;
  }

  get isBacked(): boolean {
    return this.covers(this.funds - this.owed, this.supply);
  }

  get isBackedAndCancellable(): boolean {
    return this.isBacked && this.covers(this.funds, this.supply + this.queued);
  }

  buy(buyer: Actor, to: Actor, amount: bigint): void {
    if (amount === 0n) throw new Refusal("ZeroAmount");
    const payment = (amount * this.sell + ONE - 1n) / ONE;
    this.#spend(buyer, payment);
    this.funds += payment;
    this.give(this.credits, to, amount);
  }

  redeemNow(seller: Actor, to: Actor, amount: bigint): void {
    const payment = this.#quote(amount);
    if (payment > this.funds - this.owed) throw new Refusal("FundsShort");
    this.#payNow(seller, to, amount, payment);
  }

  redeemOrQueue(seller: Actor, to: Actor, amount: bigint): void {
    const payment = this.#quote(amount);
    if (payment <= this.funds - this.owed) {
      this.#payNow(seller, to, amount, payment);
      return;
    }
    this.#take(seller, amount);
    if (this.waiting.length === 0) this.onePrice = true;
    this.waiting.push({ id: ++this.last, seller, to, amount, payment });
  }

  /** With a count beyond every number, so that holes do not matter here. */
  payAll(): void {
    for (let first = this.waiting[0]; first !== undefined && first.payment <= this.funds; first = this.waiting[0]) {
      this.waiting.shift();
      this.funds -= first.payment;
      if (this.refused.has(first.to)) this.aside.push(first);
      else this.give(this.tokens, first.to, first.payment);
    }
  }

  cancel(caller: Actor, id: bigint): void {
    if (this.aside.some((entry) => entry.id === id && entry.seller === caller)) throw new Refusal("PaymentSetAside");
    const entry = this.#own(caller, id, this.waiting);
    const at = this.waiting.indexOf(entry);
    this.waiting.splice(at, 1);
    this.give(this.credits, caller, entry.amount);
    if (this.isBacked) return;
    this.waiting.splice(at, 0, entry);
    this.give(this.credits, caller, -entry.amount);
    throw new Refusal("Unbacked");
  }

  collect(caller: Actor, id: bigint, to: Actor): void {
    if (this.waiting.some((entry) => entry.id === id && entry.seller === caller)) throw new Refusal("StillQueued");
    const entry = this.#own(caller, id, this.aside);
    if (this.refused.has(to)) throw new Refusal("Refused");
    this.aside.splice(this.aside.indexOf(entry), 1);
    this.give(this.tokens, to, entry.payment);
  }

  pledge(by: Actor, payment: bigint): void {
    if (payment === 0n) throw new Refusal("ZeroAmount");
    this.#spend(by, payment);
    this.funds += payment;
  }

  withdraw(payment: bigint): void {
    if (payment > this.funds - this.owed && payment > 0n) throw new Refusal("FundsShort");
    this.funds -= payment;
    if (!this.isBackedAndCancellable) {
      this.funds += payment;
      throw new Refusal("Unbacked");
    }
    if (this.refused.has("grid")) {
      this.funds += payment;
      throw new Refusal("Refused");
    }
    this.give(this.tokens, "grid", payment);
  }

  setLine(line: bigint): void {
    const before = this.line;
    this.line = line;
    if (line >= before || this.isBackedAndCancellable) return;
    this.line = before;
    throw new Refusal("Unbacked");
  }

  setPrices(sell: bigint, redeem: bigint): void {
    if (redeem === 0n || sell < redeem) throw new Refusal("BadPrices");
    const before = [this.sell, this.redeem] as const;
    [this.sell, this.redeem] = [sell, redeem];
    if (!this.isBackedAndCancellable) {
      [this.sell, this.redeem] = before;
      throw new Refusal("Unbacked");
    }
    if (redeem !== before[1]) this.onePrice = false;
  }

  give(book: Map<Actor, bigint>, to: Actor, amount: bigint): void {
    book.set(to, (book.get(to) ?? 0n) + amount);
  }

  #quote(amount: bigint): bigint {
    const payment = (amount * this.redeem) / ONE;
    if (payment === 0n) throw new Refusal("ZeroAmount");
    return payment;
  }

  #payNow(seller: Actor, to: Actor, amount: bigint, payment: bigint): void {
    if ((this.credits.get(seller) ?? 0n) < amount) throw new Refusal("ERC20InsufficientBalance");
    if (this.refused.has(to)) throw new Refusal("Refused");
    this.#take(seller, amount);
    this.funds -= payment;
    this.give(this.tokens, to, payment);
  }

  #take(seller: Actor, amount: bigint): void {
    if ((this.credits.get(seller) ?? 0n) < amount) throw new Refusal("ERC20InsufficientBalance");
    this.give(this.credits, seller, -amount);
  }

  #spend(by: Actor, payment: bigint): void {
    this.give(this.tokens, by, -payment);
  }

  #own(caller: Actor, id: bigint, entries: readonly Waiting[]): Waiting {
    const entry = [...this.waiting, ...this.aside].find((candidate) => candidate.id === id);
    if (entry === undefined) throw new Refusal("UnknownRedemption");
    if (entry.seller !== caller) throw new Refusal("NotSeller");
    if (!entries.includes(entry)) throw new RangeError("the entry is in the other list");
    return entry;
  }
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
