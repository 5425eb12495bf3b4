import { z } from "zod";
import { decodeCertificateId } from "../../../src/certificates/certificateId.ts";
import { MATCH_POLICY_CODES, type MatchPolicy } from "../../../src/certificates/matchPolicy.ts";
import { JouleworkError } from "../../../src/errors.ts";

/** A token id of certificates, which is beyond what a whole-number argument holds. */
export const certificateField = z
  .string()
  .regex(/^\d{1,20}$/, "must be the token id of certificates")
  .transform((digits, context): bigint => {
    const id = BigInt(digits);
    try {
      decodeCertificateId(id);
      return id;
    } catch (error) {
      if (!(error instanceof JouleworkError)) throw error;
      context.addIssue({ code: "custom", message: "is not the token id of certificates" });
      return z.NEVER;
    }
  });

export const energyField = z
  .int("must be whole watt-hours")
  .min(1, "must be some watt-hours")
  .max(2 ** 40);
/** The same, or 0 where the option is left out. */
export const energyOrAllField = z
  .int("must be whole watt-hours")
  .min(0, "must not be negative")
  .max(2 ** 40);

const POLICIES = Object.keys(MATCH_POLICY_CODES) as [MatchPolicy, ...MatchPolicy[]];
export const policyField = z.enum(POLICIES, `must be one of ${POLICIES.join(", ")}`);
