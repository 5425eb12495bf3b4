import type { CreditDesk, EnergyCredit, TrickyToken } from "../../../typechain-types/index.ts";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { ACTORS, type Actor, type GhostDesk } from "./ghostDesk.ts";

export type Choices = readonly [number, number, number, number];

/** A step as the ghost takes it and as the chain does. */
export interface Step {
  readonly ghost: (ghost: GhostDesk) => void;
  readonly chain: (chain: Chain) => Promise<unknown>;
}

export interface Chain {
  readonly desk: CreditDesk;
  readonly credit: EnergyCredit;
  readonly token: TrickyToken;
  readonly signers: Readonly<Record<Actor | "governor", HardhatEthersSigner>>;
}

const HOLDERS = ["alice", "bob", "carol", "grid"] as const;
const STRAY_EVERY = 6;

function pick<T>(list: readonly [T, ...T[]], choice: number): T {
  return list[choice % list.length] ?? list[0];
}

/** From a base unit to 100 credits: odd, round and tiny amounts. */
function amountOf(choice: number): bigint {
  return [1n, BigInt(choice + 1) * 10n ** 17n, BigInt(choice) * 99_999_999_999_999_937n][choice % 3] ?? 1n;
}

/** A part of a whole in thousandths, and now and then more than the whole. */
function part(whole: bigint, choice: number): bigint {
  return choice > 950 ? whole + 1n : (whole * BigInt(choice)) / 950n;
}

/** A number that waits or is set aside, or, once in a while, one that may not. */
function idOf({ waiting, aside, last }: GhostDesk, choice: number): bigint {
  const ids = [...aside, ...waiting].map(({ id }) => id);
  const stray = BigInt(choice) % (last + 2n);
  return choice % STRAY_EVERY === 0 ? stray : (ids[choice % Math.max(1, ids.length)] ?? stray);
}

/** Somebody who has credits, where anybody has. */
function sellerOf({ credits }: GhostDesk, choice: number): Actor {
  const rich = HOLDERS.filter((holder) => (credits.get(holder) ?? 0n) > 0n);
  return rich[choice % Math.max(1, rich.length)] ?? pick(HOLDERS, choice);
}

/** Mostly whoever may, sometimes somebody else. */
function callerOf({ waiting, aside }: GhostDesk, id: bigint, choice: number): Actor {
  const entry = [...waiting, ...aside].find((candidate) => candidate.id === id);
  return entry === undefined || choice % 8 === 0 ? pick(HOLDERS, choice >> 3) : entry.seller;
}

/** How often each step is drawn; the queue's more often than the rest. */
export const WEIGHTS: Readonly<Record<string, number>> = {
  redeemOrQueue: 6,
  cancelRedemption: 3,
  collectRedemption: 3,
  payQueue: 2,
  setPrices: 2,
  redeem: 3,
  pledge: 3,
};

export const STEPS: Readonly<Record<string, (ghost: GhostDesk, choices: Choices) => Step>> = {
  buy: (_, [a, b, c]) => {
    const [buyer, to, amount] = [pick(HOLDERS, a), pick(ACTORS, b), c === 0 ? 0n : amountOf(c)];
    return {
      ghost: (ghost) => ghost.buy(buyer, to, amount),
      chain: ({ desk, signers }) => desk.connect(signers[buyer]).buy(signers[to].address, amount, 2n ** 255n),
    };
  },
  redeem: (ghost, [a, b, c]) => {
    const [seller, to] = [sellerOf(ghost, a), pick(HOLDERS, b)];
    const amount = part(ghost.credits.get(seller) ?? 0n, c);
    return {
      ghost: (desk) => desk.redeemNow(seller, to, amount),
      chain: ({ desk, signers }) => desk.connect(signers[seller]).redeem(signers[to].address, amount, 0n),
    };
  },
  redeemOrQueue: (ghost, [a, b, c]) => {
    const [seller, to] = [sellerOf(ghost, a), pick(HOLDERS, b)];
    const amount = part(ghost.credits.get(seller) ?? 0n, c);
    return {
      ghost: (desk) => desk.redeemOrQueue(seller, to, amount),
      chain: ({ desk, signers }) => desk.connect(signers[seller]).redeemOrQueue(signers[to].address, amount, 0n),
    };
  },
  payQueue: () => ({ ghost: (desk) => desk.payAll(), chain: ({ desk }) => desk.payQueue(2n ** 64n) }),
  cancelRedemption: (ghost, [a, b]) => {
    const id = idOf(ghost, a);
    const caller = callerOf(ghost, id, b);
    return {
      ghost: (desk) => desk.cancel(caller, id),
      chain: ({ desk, signers }) => desk.connect(signers[caller]).cancelRedemption(id),
    };
  },
  collectRedemption: (ghost, [a, b, c]) => {
    const id = idOf(ghost, a);
    const [caller, to] = [callerOf(ghost, id, b), pick(HOLDERS, c)];
    return {
      ghost: (desk) => desk.collect(caller, id, to),
      chain: ({ desk, signers }) => desk.connect(signers[caller]).collectRedemption(id, signers[to].address),
    };
  },
  pledge: ({ owed, funds, redeem }, [a, b]) => {
    const missing = (owed > funds ? owed - funds : 0n) + (redeem * BigInt(b)) / 10n;
    const [by, payment] = [pick(HOLDERS, a), part(missing, b)];
    return {
      ghost: (desk) => desk.pledge(by, payment),
      chain: ({ desk, signers }) => desk.connect(signers[by]).pledge(payment),
    };
  },
  withdrawPledge: ({ funds }, [a]) => {
    const payment = part(funds, a);
    return {
      ghost: (desk) => desk.withdraw(payment),
      chain: ({ desk, signers }) => desk.connect(signers.grid).withdrawPledge(signers.grid.address, payment),
    };
  },
  setCreditLine: ({ supply, queued }, [a]) => {
    const line = part((3n * (supply + queued)) / 2n, a);
    return {
      ghost: (desk) => desk.setLine(line),
      chain: ({ desk, signers }) => desk.connect(signers.grid).setCreditLine(line),
    };
  },
  setPrices: (_, [a, b]) => {
    const redeem = BigInt(a) * 997n;
    const sell = b % 10 === 0 ? redeem / 2n : redeem + BigInt(b);
    return {
      ghost: (desk) => desk.setPrices(sell, redeem),
      chain: ({ desk, signers }) => desk.connect(signers.governor).setPrices(sell, redeem),
    };
  },
  refuse: (_, [a, b]) => {
    const [actor, refused] = [pick(HOLDERS, a), b % 2 === 0];
    return {
      ghost: (desk) => {
        if (refused) desk.refused.add(actor);
        else desk.refused.delete(actor);
      },
      chain: ({ token, signers }) => token.setRefused(signers[actor].address, refused),
    };
  },
  donate: (_, [a]) => ({
    ghost: (desk) => {
      desk.donated += BigInt(a);
      desk.give(desk.tokens, "alice", -BigInt(a));
    },
    chain: async ({ token, desk, signers }) => token.connect(signers.alice).transfer(desk, BigInt(a)),
  }),
  /** As settlement does: within the bound that the desk tells, to a holder. */
  mint: (_, [a, b]) => {
    const to = pick(HOLDERS, b);
    let amount = 0n;
    return {
      ghost: (desk) => {
        amount = part(headroomTicks(desk), Math.min(a, 950)) * 10n ** 9n;
        desk.give(desk.credits, to, amount);
      },
      chain: ({ credit, signers }) => credit.connect(signers.exchange).mint(signers[to].address, amount),
    };
  },
  burn: (ghost, [a]) => {
    const amount = part(ghost.credits.get("exchange") ?? 0n, Math.min(a, 950));
    return {
      ghost: (desk) => desk.give(desk.credits, "exchange", -amount),
      chain: ({ credit, signers }) => credit.connect(signers.exchange).burn(amount),
    };
  },
};

/** The most ticks whose mint leaves everything backed, with the queue paid and with all of it cancelled. */
export function headroomTicks(desk: GhostDesk): bigint {
  const fits = (ticks: bigint): boolean => {
    const minted = desk.supply + ticks * 10n ** 9n;
    return desk.covers(desk.funds - desk.owed, minted) && desk.covers(desk.funds, minted + desk.queued);
  };
  // By halving instead of dividing.
  if (!fits(0n)) return 0n;
  let [low, high] = [0n, 2n ** 120n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}
