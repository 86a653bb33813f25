// Elementwise kernels: an invocation computes one point of the iteration space, or four neighbours.

@group(0) @binding(0) var<uniform> params: array<vec4u, 1>; // first word: number of work items
@group(1) @binding(0) var<storage, read_write> s0: array<u32>;

const SIZE: u32 = 64; // invocations of a workgroup

// What work item `i` does.
fn point(i: u32) {
  s0[i] = s0[i];
}

// What invocation `i` does: one work item, or a few neighbouring ones.
fn items(i: u32) {
  if (i < params[0].x) {
    point(i);
  }
}

// Copies the uniform words to registers: software adapters would read them anew at every step of a loop.
fn start() {}

@compute @workgroup_size(SIZE)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  start();
  items((group.y * groups.x + group.x) * SIZE + local);
}
