import type { NewTaskDefinition } from "hardhat/types/tasks";
import { auditTask } from "./audit.ts";

/** Every Joulework task of the Hardhat command line. */
export const tasks: NewTaskDefinition[] = [auditTask];
