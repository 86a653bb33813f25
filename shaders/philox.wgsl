// Philox4x32-10 (Salmon et al. 2011): random words that depend only on a counter and a key.

// High word of the 64-bit product, from 16-bit halves.
fn mulHigh(a: u32, b: u32) -> u32 {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let middle = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let other = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (middle >> 16u) + (other >> 16u);
}

// Word `element % 4` of the block whose counter is (element / 4, 0, call, 0).
fn philoxOf(element: u32, call: u32, seedLow: u32, seedHigh: u32) -> u32 {
  var c = vec4u(element >> 2u, 0u, call, 0u);
  var key = vec2u(seedLow, seedHigh);
  for (var round = 0u; round < 10u; round++) {
    c = vec4u(
      mulHigh(0xcd9e8d57u, c.z) ^ c.y ^ key.x,
      0xcd9e8d57u * c.z,
      mulHigh(0xd2511f53u, c.x) ^ c.w ^ key.y,
      0xd2511f53u * c.x,
    );
    key += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  let word = element & 3u;
  return select(select(c.x, c.y, word == 1u), select(c.z, c.w, word == 3u), word >= 2u);
}
