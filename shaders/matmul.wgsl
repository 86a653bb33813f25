// Matrix products where every invocation computes one block of the result in registers: software adapters read
// memory faster than they pass barriers.

@group(0) @binding(0) var<uniform> params: array<vec4u, 1>; // first word: number of blocks
@group(1) @binding(0) var<storage, read_write> s0: array<u32>;

const SIZE: u32 = 8; // invocations of a workgroup

// Computes block `item`; as it stands, one element of a 4 by 4 product.
fn block(item: u32) {
  var sum = 0.0;
  for (var k = 0u; k < 4u; k++) {
    sum += bitcast<f32>(s0[item / 4u * 4u + k]) * bitcast<f32>(s0[16u + k * 4u + item % 4u]);
  }
  s0[32u + item] = bitcast<u32>(sum);
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
    block(item);
  }
}
