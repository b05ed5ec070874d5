export { checkReplaceable, fetchPlace, putArtifact } from "./bucket-folders.ts";
export { tryBucket } from "./bucket-preflight.ts";
export { createTaskBucket, runBucketTask, type TaskBucket } from "./bucket-tasks.ts";
export {
  createRayApi,
  type RayApi,
  type RayJobRequest,
  type RayJobState,
  type RayVersion,
} from "./ray-api.ts";
export { createRayExecutor, type RayExecutorOptions } from "./ray-executor.ts";
export { type FollowOptions, followRayJob, type RayJobEnd, runRayJob } from "./ray-job.ts";
export { type ClusterCheck, checkRayCluster, type PreflightOptions } from "./ray-preflight.ts";
export {
  type BucketPlace,
  below,
  bucketUrl,
  createS3Storage,
  isBucketUrl,
  parseBucketUrl,
  type S3Storage,
} from "./s3-storage.ts";
export { createSlurmExecutor, type SlurmExecutorOptions } from "./slurm-executor.ts";
export { checkSlurm } from "./slurm-preflight.ts";
export type { SlurmResources } from "./slurm-script.ts";
