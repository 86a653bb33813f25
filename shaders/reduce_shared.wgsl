// Reductions where several invocations share a result and combine their parts through workgroup memory.

@group(0) @binding(0) var<uniform> params: array<vec4u, 1>; // first word: number of work items
@group(1) @binding(0) var<storage, read_write> s0: array<u32>;

const COLUMNS: u32 = 1; // work items of a workgroup
const LANES: u32 = 64; // invocations that share one
const SIZE: u32 = 64; // their product

var<workgroup> shared0: array<u32, SIZE>;

// Reduces work item `item` together with the other lanes; `live` is false on invocations past the last item, which
// take part in barriers and store nothing.
fn walk(item: u32, lane: u32, local: u32, live: bool) {
  shared0[local] = s0[item * LANES + lane];
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    if (lane < half) {
      shared0[local] += shared0[local + half * COLUMNS];
    }
    workgroupBarrier();
  }
  if (live && lane == 0u) {
    s0[item] = shared0[local];
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
  let item = (group.y * groups.x + group.x) * COLUMNS + local % COLUMNS;
  walk(min(item, params[0].x - 1u), local / COLUMNS, local, item < params[0].x);
}
