export {
  BCELoss,
  type BCEOptions,
  BCEWithLogitsLoss,
  type BCEWithLogitsOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
} from "./binary.ts";
export { CriterionsComposition, type CriterionsCompositionOptions } from "./composition.ts";
export {
  crossEntropy,
  CrossEntropyLoss,
  type CrossEntropyOptions,
  NLLLoss,
  nllLoss,
  type NLLLossOptions,
} from "./cross_entropy.ts";
export { klDiv, KLDivLoss, type KLDivOptions } from "./kl_div.ts";
export { checkLabels } from "./labels.ts";
export { type Criterion, Loss, type LossOptions, type Reduction } from "./reduction.ts";
export {
  HuberLoss,
  huberLoss,
  type HuberOptions,
  L1Loss,
  l1Loss,
  MSELoss,
  mseLoss,
  type PairLoss,
  SmoothL1Loss,
  smoothL1Loss,
  type SmoothL1Options,
} from "./regression.ts";
