import { z } from "zod";

export const searchHit = z.object({
  kind: z.enum([
    "transaction",
    "block",
    "slot",
    "meter",
    "account",
    "contract",
    "job",
    "reproducible job",
    "certificate",
    "proposal",
    "site",
  ]),
  title: z.string(),
  /** The page's path. */
  page: z.string(),
});
export const searchAnswer = z.object({ hits: z.array(searchHit) });
export type SearchAnswer = z.output<typeof searchAnswer>;
