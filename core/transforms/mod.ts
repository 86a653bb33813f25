export {
  ComposeTransform,
  RenameTransform,
  type RenameTransformOptions,
  type Transform,
  WrapTransform,
  type WrapTransformOptions,
} from "./base.ts";
export { Compose, type ComposeOptions, Lambda, type LambdaOptions } from "./compose.ts";
export { Normalize, type NormalizeOptions, PILToTensor, ToTensor } from "./convert.ts";
export {
  CenterCrop,
  type CenterCropOptions,
  RandomCrop,
  type RandomCropOptions,
  type RandomFlipOptions,
  RandomHorizontalFlip,
  RandomVerticalFlip,
  type SizeOption,
} from "./geometry.ts";
export type { Draw, ImageFunction, ImageTransform, Size } from "./image_transform.ts";
export type { Interpolation } from "./resample.ts";
export { Resize, type ResizeOptions } from "./resize.ts";
export { TorchVisionTransform, type TorchVisionTransformOptions } from "./torchvision_transform.ts";
