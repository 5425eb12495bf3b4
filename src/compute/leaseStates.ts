/** States of a lease, in the contract's order. */
export const LEASE_STATES = ["none", "waiting", "active", "paused", "closed"] as const;

export type LeaseState = (typeof LEASE_STATES)[number];
