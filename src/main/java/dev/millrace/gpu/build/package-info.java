/**
 * The process in which plans are built: TensorRT takes minutes, heeds no interrupt and may crash,
 * and none of that is to be the worker's. {@link dev.millrace.gpu.build.ChildBuilds} starts it for
 * each plan, {@link dev.millrace.gpu.build.BuildMain} runs in it.
 */
package dev.millrace.gpu.build;
