import type { TaskDefinition } from "hardhat/types/tasks";
import { auditTask } from "./audit.ts";
import { auditVerifyTask } from "./auditVerify.ts";
import { billTask } from "./bill.ts";
import { buyTask } from "./buy.ts";
import { clearTask } from "./clear.ts";
import { closeTask } from "./close.ts";
import { commitTask } from "./commit.ts";
import { creditLineTask } from "./creditLine.ts";
import { deployTask } from "./deploy.ts";
import { depositTask } from "./deposit.ts";
import { deskPricesTask } from "./deskPrices.ts";
import { meterConsentTask } from "./meterConsent.ts";
import { nodeTask } from "./node.ts";
import { payQueueTask } from "./payQueue.ts";
import { pledgeTask } from "./pledge.ts";
import { executeTask } from "./execute.ts";
import { handOverTask } from "./handOver.ts";
import { meterTask } from "./meter.ts";
import { proposeTask } from "./propose.ts";
import { queueTask } from "./queue.ts";
import { readingsTask } from "./readings.ts";
import { redeemTask } from "./redeem.ts";
import { settleTask } from "./settle.ts";
import { showDeskTask } from "./showDesk.ts";
import { showMeterTask } from "./showMeter.ts";
import { showProposalTask } from "./showProposal.ts";
import { showReputationTask } from "./showReputation.ts";
import { showSlotTask } from "./showSlot.ts";
import { siteTask } from "./site.ts";
import { siteConsentTask } from "./siteConsent.ts";
import { providerTask } from "./provider.ts";
import { sponsorTask } from "./sponsor.ts";
import { stakeTask } from "./stake.ts";
import { suspectsTask } from "./suspects.ts";
import { syncTask } from "./sync.ts";
import { voteTask } from "./vote.ts";
import { withdrawTask } from "./withdraw.ts";
import { withdrawPledgeTask } from "./withdrawPledge.ts";
import { zoneTask } from "./zone.ts";
import { seasonTask } from "./season.ts";
import { enrolTask } from "./enrol.ts";
import { proveTask } from "./prove.ts";
import { rewardTask } from "./reward.ts";
import { callEventTask } from "./callEvent.ts";
import { claimEventTask } from "./claimEvent.ts";
import { questTask } from "./quest.ts";
import { badgeTask } from "./badge.ts";
import { inspectTask } from "./inspect.ts";
import { findingTask } from "./finding.ts";
import { endInspectionTask } from "./endInspection.ts";
import { issueTask } from "./issue.ts";
import { certificatesTask } from "./certificates.ts";
import { transferCertificatesTask } from "./transferCertificates.ts";
import { cancelCertificatesTask } from "./cancelCertificates.ts";
import { suspendCertificatesTask } from "./suspendCertificates.ts";
import { claimCertificatesTask } from "./claimCertificates.ts";
import { dischargeCertificatesTask } from "./dischargeCertificates.ts";
import { chargeCertificatesTask } from "./chargeCertificates.ts";
import { sellCertificatesTask } from "./sellCertificates.ts";
import { buyCertificatesTask } from "./buyCertificates.ts";
import { trainingPostTask } from "./trainingPost.ts";
import { trainingPostReproducibleTask } from "./trainingPostReproducible.ts";
import { trainingDefendTask } from "./trainingDefend.ts";
import { trainingVerifyTask } from "./trainingVerify.ts";
import { trainingCollectTask } from "./trainingCollect.ts";
import { trainingRequestTask } from "./trainingRequest.ts";
import { trainingWorkTask } from "./trainingWork.ts";
import { trainingEvaluateTask } from "./trainingEvaluate.ts";
import { trainingSettleTask } from "./trainingSettle.ts";
import { trainingReceiptTask } from "./trainingReceipt.ts";
import { delegateTask } from "./delegate.ts";
import { orderTask } from "./order.ts";
import { timeTask } from "./time.ts";
import { offerTask } from "./offer.ts";
import { offersTask } from "./offers.ts";
import { leaseTask } from "./lease.ts";
import { useTask } from "./use.ts";
import { claimTask } from "./claim.ts";
import { showLeaseTask } from "./showLease.ts";

/** Every Joulework task of the Hardhat command line, and what is added to Hardhat's own. */
export const tasks: TaskDefinition[] = [
  auditTask,
  nodeTask,
  auditVerifyTask,
  deployTask,
  zoneTask,
  siteConsentTask,
  siteTask,
  meterConsentTask,
  meterTask,
  pledgeTask,
  withdrawPledgeTask,
  creditLineTask,
  deskPricesTask,
  buyTask,
  redeemTask,
  payQueueTask,
  showDeskTask,
  depositTask,
  withdrawTask,
  timeTask,
  delegateTask,
  orderTask,
  readingsTask,
  commitTask,
  clearTask,
  settleTask,
  closeTask,
  showMeterTask,
  showSlotTask,
  billTask,
  suspectsTask,
  syncTask,
  showReputationTask,
  proposeTask,
  voteTask,
  queueTask,
  executeTask,
  showProposalTask,
  handOverTask,
  seasonTask,
  enrolTask,
  proveTask,
  rewardTask,
  callEventTask,
  claimEventTask,
  questTask,
  badgeTask,
  inspectTask,
  findingTask,
  endInspectionTask,
  sponsorTask,
  providerTask,
  stakeTask,
  offerTask,
  offersTask,
  leaseTask,
  useTask,
  claimTask,
  showLeaseTask,
  issueTask,
  certificatesTask,
  transferCertificatesTask,
  cancelCertificatesTask,
  suspendCertificatesTask,
  claimCertificatesTask,
  dischargeCertificatesTask,
  chargeCertificatesTask,
  sellCertificatesTask,
  buyCertificatesTask,
  trainingPostTask,
  trainingRequestTask,
  trainingWorkTask,
  trainingEvaluateTask,
  trainingSettleTask,
  trainingReceiptTask,
  trainingPostReproducibleTask,
  trainingDefendTask,
  trainingVerifyTask,
  trainingCollectTask,
];
