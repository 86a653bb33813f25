// Matrix products where a workgroup computes a block of 64 by 64: it copies 16 steps of both operands to workgroup
// memory at a time, and each of its 8 by 8 invocations keeps 8 rows and 8 columns of the result in registers.

@group(0) @binding(0) var<uniform> params: array<vec4u, 1>; // first word: number of blocks
@group(1) @binding(0) var<storage, read_write> s0: array<u32>;

const SIZE: u32 = 64; // invocations of a workgroup

var<workgroup> tileA: array<f32, 1024>; // [16 steps][64 rows]
var<workgroup> tileB: array<f32, 1024>; // [16 steps][64 columns]

// Computes block `item`; as it stands, a copy of 64 elements.
fn block(item: u32, local: u32) {
  tileA[local] = bitcast<f32>(s0[item * SIZE + local]);
  workgroupBarrier();
  tileB[local] = tileA[SIZE - 1u - local];
  s0[item * SIZE + local] = bitcast<u32>(tileB[local]);
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
  let item = group.y * groups.x + group.x;
  if (item < params[0].x) {
    block(item, local);
  }
}
