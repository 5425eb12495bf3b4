import type { NewTaskDefinition } from "hardhat/types/tasks";
import { auditTask } from "./audit.ts";
import { billTask } from "./bill.ts";
import { clearTask } from "./clear.ts";
import { closeTask } from "./close.ts";
import { commitTask } from "./commit.ts";
import { deployTask } from "./deploy.ts";
import { depositTask } from "./deposit.ts";
import { meterTask } from "./meter.ts";
import { readingsTask } from "./readings.ts";
import { settleTask } from "./settle.ts";
import { showMeterTask } from "./showMeter.ts";
import { showSlotTask } from "./showSlot.ts";
import { siteTask } from "./site.ts";
import { suspectsTask } from "./suspects.ts";
import { withdrawTask } from "./withdraw.ts";
import { zoneTask } from "./zone.ts";

/** Every Joulework task of the Hardhat command line. */
export const tasks: NewTaskDefinition[] = [
  auditTask,
  deployTask,
  zoneTask,
  siteTask,
  meterTask,
  depositTask,
  withdrawTask,
  readingsTask,
  commitTask,
  clearTask,
  settleTask,
  closeTask,
  showMeterTask,
  showSlotTask,
  billTask,
  suspectsTask,
];
