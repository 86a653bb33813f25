// Reductions where one invocation walks all that a result needs: software adapters pay dearly for barriers.

@group(0) @binding(0) var<uniform> params: array<vec4u, 1>; // first word: number of work items
@group(1) @binding(0) var<storage, read_write> s0: array<u32>;

const SIZE: u32 = 8; // invocations of a workgroup

// Reduces work item `item`: one kept point or four neighbours, or a slice of one.
fn walk(item: u32) {
  var sum = 0u;
  for (var i = 0u; i < 4u; i++) {
    sum += s0[4u * item + i];
  }
  s0[4u * item] = sum;
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
  let item = (group.y * groups.x + group.x) * SIZE + local;
  if (item < params[0].x) {
    walk(item);
  }
}
