import type { NewTaskDefinition } from "hardhat/types/tasks";

/** Every Joulework task of the Hardhat command line. */
export const tasks: NewTaskDefinition[] = [];
