// Whole-number division for addresses.

// n / d through one product with 1/d and a correction; exact for n below 2^24, several times faster than the division.
fn quotient(n: u32, d: u32, inverse: f32) -> u32 {
  let guess = u32(f32(n) * inverse);
  let rest = i32(n) - i32(guess * d);
  return guess + select(0u, 1u, rest >= i32(d)) - select(0u, 1u, rest < 0);
}
