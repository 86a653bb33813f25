// Weight gradients of convolutions: every invocation computes a few taps of a few channels in registers.

@group(0) @binding(0) var<uniform> params: array<vec4u, 1>; // first word: number of blocks
@group(1) @binding(0) var<storage, read_write> s0: array<u32>;

const SIZE: u32 = 8; // invocations of a workgroup

// Computes block `item`; as it stands, one of three taps over a row of four pixels.
fn block(item: u32) {
  var sum = 0.0;
  for (var x = 0u; x < 4u; x++) {
    sum += bitcast<f32>(s0[x]) * bitcast<f32>(s0[4u + x + item]);
  }
  s0[10u + item] = bitcast<u32>(sum);
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
