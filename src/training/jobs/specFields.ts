import { z } from "zod";

export const hashField = z.string().regex(/^0x[0-9a-f]{64}$/, "must be 32 bytes in lower-case hexadecimal with 0x");
export const rateField = z.number().positive().max(1_000);
export const seedField = z.int().min(0).max(0xffffffff);
export const modelField = z
  .strictObject({
    layers: z.int().min(1).max(256),
    width: z.int().min(4).max(65_536),
    heads: z.int().min(1).max(1_024),
    context: z.int().min(2).max(65_536),
  })
  .refine(({ width, heads }) => width % heads === 0, "the width must be a multiple of the heads");
