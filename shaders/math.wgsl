// Scalar functions within about 2.5 ulp of the exact value. WGSL allows its own far larger errors and lets
// implementations assume that NaN does not exist, so NaN is tested on bits and put back by hand.

fn isNan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

// A comparison with NaN is false: a NaN in `a` stays by itself, one in `b` needs the test.
fn maxOf(a: f32, b: f32) -> f32 {
  return select(a, b, (a < b) | isNan(b));
}

fn minOf(a: f32, b: f32) -> f32 {
  return select(a, b, (b < a) | isNan(b));
}

fn uintOf(x: f32) -> u32 {
  return select(u32(x), bitcast<u32>(i32(x)), x < 0.0);
}

// The same value, but compilers cannot see so: they may treat floats as reals and cancel (1 + x) - 1 or join two
// roundings into one, which undoes what such terms are for.
fn rounded(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  return bitcast<f32>(bits | ((bits & 0x7fffffffu) >> 31u));
}

// 2^n for n from -252 to 254, in two steps so that subnormal and overflowing results come out right.
fn scaleOf(x: f32, n: i32) -> f32 {
  let half = n >> 1u;
  return x * bitcast<f32>((half + 127) << 23u) * bitcast<f32>((n - half + 127) << 23u);
}

fn expTail(r: f32) -> f32 {
  var p = fma(1.9875691500e-4, r, 1.3981999507e-3);
  p = fma(p, r, 8.3334519073e-3);
  p = fma(p, r, 4.1665795894e-2);
  p = fma(p, r, 1.6666665459e-1);
  p = fma(p, r, 5.0000001201e-1);
  return fma(p, r * r, r);
}

fn expOf(x: f32) -> f32 {
  let c = clamp(x, -104.0, 89.0);
  let n = round(c * 1.44269504);
  let r = fma(n, -1.42860677e-6, rounded(fma(n, -0.693145751953125, c)));
  return select(scaleOf(1.0 + expTail(r), i32(n)), x, isNan(x));
}

fn expm1Of(x: f32) -> f32 {
  let c = clamp(x, -104.0, 89.0);
  let n = round(c * 1.44269504);
  let r = fma(n, -1.42860677e-6, rounded(fma(n, -0.693145751953125, c)));
  let p = expTail(r);
  let k = i32(n);
  // Above 2^127 the power itself overflows; there exp has the same value.
  let power = bitcast<f32>((clamp(k, -126, 127) + 127) << 23u);
  let near = fma(power, p, power - 1.0);
  return select(select(near, scaleOf(1.0 + p, k), k > 126), x, isNan(x) | (x == 0.0));
}

fn exp2Of(x: f32) -> f32 {
  let c = clamp(x, -150.0, 129.0);
  let n = round(c);
  let r = c - n;
  var p = fma(1.535920892e-4, r, 1.339262701e-3);
  p = fma(p, r, 9.618384764e-3);
  p = fma(p, r, 5.550347269e-2);
  p = fma(p, r, 0.2402264476);
  p = fma(p, r, 0.6931471825);
  return select(scaleOf(fma(p, r, 1.0), i32(n)), x, isNan(x));
}

fn logOf(x: f32) -> f32 {
  let bits0 = bitcast<u32>(x);
  let tiny = bits0 < 0x00800000u;
  let bits = select(bits0, bitcast<u32>(x * 8388608.0), tiny);
  let shifted = bits - 0x3f3504f3u;
  let e = f32((bitcast<i32>(shifted) >> 23u) - select(0, 23, tiny));
  let m = bitcast<f32>((shifted & 0x007fffffu) + 0x3f3504f3u) - 1.0;
  let z = m * m;
  var p = fma(7.0376836292e-2, m, -1.1514610310e-1);
  p = fma(p, m, 1.1676998740e-1);
  p = fma(p, m, -1.2420140846e-1);
  p = fma(p, m, 1.4249322787e-1);
  p = fma(p, m, -1.6668057665e-1);
  p = fma(p, m, 2.0000714765e-1);
  p = fma(p, m, -2.4999993993e-1);
  p = fma(p, m, 3.3333331174e-1);
  var y = m * z * p;
  y = fma(e, -2.12194440e-4, y);
  y = fma(z, -0.5, y);
  let finite = fma(e, 0.693359375, m + y);
  return logEdges(x, finite);
}

// Zero, negatives, infinity and NaN of a logarithm.
fn logEdges(x: f32, finite: f32) -> f32 {
  let bits = bitcast<u32>(x);
  var y = bitcast<u32>(finite);
  y = select(y, 0x7fc00000u, bits > 0x80000000u);
  y = select(y, 0xff800000u, (bits << 1u) == 0u);
  y = select(y, bits, (bits >= 0x7f800000u) & (bits < 0x80000000u));
  return bitcast<f32>(y);
}

fn log2Of(x: f32) -> f32 {
  let bits0 = bitcast<u32>(x);
  let tiny = bits0 < 0x00800000u;
  let bits = select(bits0, bitcast<u32>(x * 8388608.0), tiny);
  let shifted = bits - 0x3f3504f3u;
  let e = f32((bitcast<i32>(shifted) >> 23u) - select(0, 23, tiny));
  let m = bitcast<f32>((shifted & 0x007fffffu) + 0x3f3504f3u);
  // Below one half of an octave log(m) is exact to an ulp and the product with 1/ln 2 keeps it so.
  let l = logOf(m);
  let finite = e + fma(l, 1.44269502162933349609, l * 1.9259629911e-8);
  return logEdges(x, finite);
}

fn log1pOf(x: f32) -> f32 {
  let u = rounded(1.0 + x);
  let y = logOf(u) + (x - (u - 1.0)) / u;
  let bits = bitcast<u32>(u);
  // Where 1 + x rounds to 1 the answer is x; the correction is meaningless at 0, infinity and NaN.
  return select(select(y, logOf(u), (bits >= 0x7f800000u) | (bits == 0u)), x, (u == 1.0) | isNan(x));
}

fn tanhOf(x: f32) -> f32 {
  let t = abs(x);
  let z = x * x;
  var p = fma(-5.70498872745e-3, z, 2.06390887954e-2);
  p = fma(p, z, -5.37397155531e-2);
  p = fma(p, z, 1.33314422036e-1);
  p = fma(p, z, -3.33332819422e-1);
  let near = fma(p * z, x, x);
  let far = 1.0 - 2.0 / (expOf(2.0 * t) + 1.0);
  return select(select(far, -far, x < 0.0), near, (t < 0.625) | isNan(x));
}

fn erfOf(x: f32) -> f32 {
  let t = abs(x);
  let z = x * x;
  var q = fma(-5.96761703e-4, z, 4.99119423e-3);
  q = fma(q, z, -2.67681349e-2);
  q = fma(q, z, 1.12819925e-1);
  q = fma(q, z, -3.76125336e-1);
  q = fma(q, z, 1.28379166e-1);
  let near = fma(q, x, x);
  var r = fma(fma(-1.72853470e-5, t, 3.83197126e-4), z, fma(-3.88396438e-3, t, 2.42546219e-2));
  r = fma(r, t, -1.06777877e-1);
  r = fma(r, t, -6.34846687e-1);
  r = fma(r, t, -1.28717512e-1);
  r = fma(r, t, -t);
  // Past 4 the result is 1 and the polynomial would grow again.
  let far = select(1.0 - expOf(r), 1.0, t > 4.0);
  return select(select(far, -far, x < 0.0), near, (t <= 0.927734375) | isNan(x));
}

fn erfinvOf(x: f32) -> f32 {
  let w = -logOf((1.0 - x) * (1.0 + x));
  let a = w - 2.5;
  var p = fma(2.81022636e-8, a, 3.43273939e-7);
  p = fma(p, a, -3.5233877e-6);
  p = fma(p, a, -4.39150654e-6);
  p = fma(p, a, 2.1858087e-4);
  p = fma(p, a, -1.25372503e-3);
  p = fma(p, a, -4.17768164e-3);
  p = fma(p, a, 0.246640727);
  p = fma(p, a, 1.50140941);
  let b = sqrt(max(w, 0.0)) - 3.0;
  var q = fma(-2.00214257e-4, b, 1.00950558e-4);
  q = fma(q, b, 1.34934322e-3);
  q = fma(q, b, -3.67342844e-3);
  q = fma(q, b, 5.73950773e-3);
  q = fma(q, b, -7.6224613e-3);
  q = fma(q, b, 9.43887047e-3);
  q = fma(q, b, 1.00167406);
  q = fma(q, b, 2.83297682);
  let y = select(q, p, w < 5.0) * x;
  let one = bitcast<f32>((bitcast<u32>(x) & 0x80000000u) | 0x7f800000u);
  return select(select(y, one, abs(x) == 1.0), w, isNan(w));
}

// |x| minus the nearest multiple of half pi (as bits), and which multiple that is, mod 4.
fn quarterTurn(x: f32) -> vec2u {
  // The first two parts of half pi have so few bits that their products are exact with and without fused
  // multiply-add.
  let n = round(abs(x) * 0.636619772);
  var r = rounded(abs(x) - rounded(n * 1.5703125));
  r = rounded(r - rounded(n * 4.837512969970703125e-4));
  r = rounded(r - n * 7.549790126404332e-08);
  r = r - n * -1.7151245100058819e-15;
  var turn = vec2u(bitcast<u32>(r), u32(n));
  if (abs(x) >= 4096.0) {
    turn = farTurn(x);
  }
  return turn;
}

// The same from 4096 on, in whole numbers: |x| = m · 2^e, and of the bits of 2/pi only 96 matter, because those before
// them make multiples of 4 and those behind them less than 2^-54. No f32 is nearer than 2^-30 to a multiple.
fn farTurn(x: f32) -> vec2u {
  let bits = bitcast<u32>(x);
  let m = (bits & 0x7fffffu) | 0x800000u;
  // 2/pi after 32 zeros: the window starts at bit e + 30.
  let start = ((bits >> 23u) & 255u) - 120u;
  let word = start >> 5u;
  let t0 = turnWord(word, 0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u);
  let t1 = turnWord(word, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u);
  let t2 = turnWord(word, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u);
  let t3 = turnWord(word, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu);
  let shift = start & 31u;
  let rest = 31u - shift;
  let w0 = (t0 << shift) | ((t1 >> 1u) >> rest);
  let w1 = (t1 << shift) | ((t2 >> 1u) >> rest);
  let w2 = (t2 << shift) | ((t3 >> 1u) >> rest);
  // Quarter turns times 2^62, mod 2^64. Of the last product only what it carries matters.
  let carried = ((m * (w2 >> 24u)) >> 8u) + ((m * ((w2 >> 16u) & 255u)) >> 16u);
  let low = m * w1;
  let middle = (m >> 16u) * (w1 & 0xffffu) + (((m & 0xffffu) * (w1 & 0xffffu)) >> 16u);
  let other = (m & 0xffffu) * (w1 >> 16u) + (middle & 0xffffu);
  let high = (m >> 16u) * (w1 >> 16u) + (middle >> 16u) + (other >> 16u);
  let p1 = low + carried;
  let p0 = m * w0 + high + select(0u, 1u, p1 < low);
  // The fraction as a signed number: from one half on it is the distance to the next quarter turn.
  let fraction = (p0 << 2u) | (p1 >> 30u);
  let n = (p0 >> 30u) + (fraction >> 31u);
  // 24 bits and the rest, each exact.
  let top = f32(bitcast<i32>(fraction & 0xffffff00u));
  let tail = fma(f32((p1 >> 6u) & 0xffffffu), 5.9604644775390625e-8, f32(fraction & 255u));
  let r = fma(top, 3.65729529994141e-10, fma(tail, 3.65729529994141e-10, top * -1.017735066980541e-17));
  return vec2u(bitcast<u32>(r), n);
}

// One of five words, by number.
fn turnWord(word: u32, a: u32, b: u32, c: u32, d: u32, e: u32) -> u32 {
  return select(select(select(select(e, d, word == 3u), c, word == 2u), b, word == 1u), a, word == 0u);
}

// The sine of r after n quarter turns, its sign swapped by the sign bit of `swap`; NaN where `x` is not finite.
fn turnedSine(r: f32, n: u32, swap: u32, x: f32) -> f32 {
  let z = r * r;
  let s = fma(fma(-1.9515295891e-4, z, 8.3321608736e-3), z, -1.6666654611e-1);
  let c = fma(fma(2.443315711809948e-5, z, -1.388731625493765e-3), z, 4.166664568298827e-2);
  let y = select(fma(s * z, r, r), fma(c * z, z, fma(z, -0.5, 1.0)), (n & 1u) == 1u);
  let turned = bitcast<u32>(y) ^ ((n << 30u) & 0x80000000u) ^ swap;
  return bitcast<f32>(select(turned, 0x7fc00000u, (bitcast<u32>(x) & 0x7fffffffu) >= 0x7f800000u));
}

fn sinOf(x: f32) -> f32 {
  let turn = quarterTurn(x);
  return turnedSine(bitcast<f32>(turn.x), turn.y, bitcast<u32>(x) & 0x80000000u, x);
}

fn cosOf(x: f32) -> f32 {
  let turn = quarterTurn(x);
  return turnedSine(bitcast<f32>(turn.x), turn.y + 1u, 0u, x);
}

fn asinOf(x: f32) -> f32 {
  let a = abs(x);
  let far = a > 0.5;
  let t = select(a, sqrt(max((1.0 - a) * 0.5, 0.0)), far);
  let z = t * t;
  var p = fma(4.2163199048e-2, z, 2.4181311049e-2);
  p = fma(p, z, 4.5470025998e-2);
  p = fma(p, z, 7.4953002686e-2);
  p = fma(p, z, 1.6666752422e-1);
  let r = fma(p * z, t, t);
  let y = select(r, fma(r, -2.0, 1.57079632679), far);
  let signed = bitcast<u32>(y) | (bitcast<u32>(x) & 0x80000000u);
  return bitcast<f32>(select(signed, 0x7fc00000u, (bitcast<u32>(x) & 0x7fffffffu) > 0x3f800000u));
}

// Arc tangent of t from 0 to 1.
fn atanCore(t: f32) -> f32 {
  let z = t * t;
  var p = fma(2.82363896e-3, z, -1.59569029e-2);
  p = fma(p, z, 4.25049886e-2);
  p = fma(p, z, -7.48900920e-2);
  p = fma(p, z, 1.06347933e-1);
  p = fma(p, z, -1.42027363e-1);
  p = fma(p, z, 1.99926957e-1);
  p = fma(p, z, -3.33331018e-1);
  return fma(p * z, t, t);
}

fn atanOf(x: f32) -> f32 {
  let a = abs(x);
  let far = a > 1.0;
  let r = atanCore(select(a, 1.0 / a, far));
  let y = select(r, 1.57079632679 - r, far);
  return select(bitcast<f32>(bitcast<u32>(y) | (bitcast<u32>(x) & 0x80000000u)), x, isNan(x));
}

fn atan2Of(y: f32, x: f32) -> f32 {
  let a = abs(y);
  let b = abs(x);
  let low = min(a, b);
  let high = max(a, b);
  // Equal magnitudes, infinite ones included, are an eighth of a turn; two zeros are none.
  let t = select(select(low / high, 1.0, low == high), 0.0, high == 0.0);
  var r = atanCore(t);
  r = select(r, 1.57079632679 - r, a > b);
  r = select(r, 3.14159265359 - r, (bitcast<u32>(x) >> 31u) == 1u);
  r = bitcast<f32>(bitcast<u32>(r) | (bitcast<u32>(y) & 0x80000000u));
  return select(select(r, y, isNan(y)), x, isNan(x));
}

// Exact remainder with the sign of the dividend: long division of the mantissas, seven bits of the quotient at a time.
fn remOf(a: f32, b: f32) -> f32 {
  let bits = bitcast<u32>(a) & 0x7fffffffu;
  let other = bitcast<u32>(b) & 0x7fffffffu;
  let dividend = mantissaOf(bits);
  let divisor = mantissaOf(other);
  let d = divisor.x;
  let inverse = 1.0 / f32(d);
  var left = dividend.y - divisor.y;
  let smaller = left < 0;
  var r = dividend.x - select(0, d, dividend.x >= d);
  while (left > 0) {
    let shift = u32(min(left, 7));
    let x = r << shift;
    // One too many or too few at most.
    r = x - i32(f32(x) * inverse) * d;
    r += select(0, d, r < 0);
    r -= select(0, d, r >= d);
    left -= 7;
  }
  let rest = bitcast<u32>(scaleOf(f32(r), divisor.y));
  let signed = select(rest, bits, smaller) | (bitcast<u32>(a) & 0x80000000u);
  let invalid = (bits >= 0x7f800000u) | (other > 0x7f800000u) | (other == 0u);
  return bitcast<f32>(select(signed, 0x7fc00000u, invalid));
}

// A positive f32, by its bits, as m · 2^e with m of 24 bits.
fn mantissaOf(bits: u32) -> vec2i {
  let exponent = i32(bits >> 23u);
  let m = i32(bits & 0x7fffffu) | select(0, 0x800000, exponent > 0);
  // Conversion moves the first bit of a subnormal number to the front.
  let front = bitcast<u32>(f32(m));
  return vec2i(i32(front & 0x7fffffu) | 0x800000, max(exponent, 1) + i32(front >> 23u) - 300);
}

// x^y with a two-float logarithm: rounding log2(x) to f32 first would cost a hundred ulp.
fn powOf(x: f32, y: f32) -> f32 {
  let a = abs(x);
  let whole = y == trunc(y);
  // Halving shows the lowest bit; from 2^24 on every f32 is even.
  let odd = whole & (abs(y) < 16777216.0) & (abs(y * 0.5 - trunc(y * 0.5)) == 0.5);
  let magnitude = powPositive(a, y);
  var bits = bitcast<u32>(magnitude);
  let negative = (bitcast<u32>(x) >> 31u) == 1u;
  bits = select(bits, bits | 0x80000000u, negative & odd);
  bits = select(bits, 0x7fc00000u, (x < 0.0) & !whole & (bitcast<u32>(a) < 0x7f800000u));
  bits = select(bits, 0x7fc00000u, isNan(x) | isNan(y));
  bits = select(bits, 0x3f800000u, (y == 0.0) | (x == 1.0));
  return bitcast<f32>(bits);
}

// a · b - p for p = round(a · b): exact, from halves of 12 bits, because fma need not be fused.
fn productRest(a: f32, b: f32, p: f32) -> f32 {
  let aHigh = bitcast<f32>(bitcast<u32>(a) & 0xfffff000u);
  let bHigh = bitcast<f32>(bitcast<u32>(b) & 0xfffff000u);
  let aLow = rounded(a - aHigh);
  let bLow = rounded(b - bHigh);
  let first = rounded(rounded(aHigh * bHigh) - p);
  return rounded(rounded(first + rounded(aHigh * bLow)) + rounded(aLow * bHigh)) + aLow * bLow;
}

fn powPositive(a: f32, y: f32) -> f32 {
  let bits0 = bitcast<u32>(a);
  let tiny = bits0 < 0x00800000u;
  let bits = select(bits0, bitcast<u32>(a * 8388608.0), tiny);
  let shifted = bits - 0x3f3504f3u;
  let e = f32((bitcast<i32>(shifted) >> 23u) - select(0, 23, tiny));
  let m = bitcast<f32>((shifted & 0x007fffffu) + 0x3f3504f3u);
  // s = (m - 1) / (m + 1) in two floats; log2(m) is an odd series in s.
  let up = rounded(m - 1.0);
  let down = rounded(m + 1.0);
  let sHigh = rounded(up / down);
  let downLow = rounded(m - rounded(down - 1.0));
  let back = rounded(sHigh * down);
  let sLow = (rounded(up - back) - productRest(sHigh, down, back) - sHigh * downLow) / down;
  let z = sHigh * sHigh;
  var tail = fma(0.4374550283, z, 0.5764790177);
  tail = fma(tail, z, 0.9618012905);
  tail = tail * z * sHigh;
  let main = rounded(sHigh * 2.8853900432586670);
  let mainLow = productRest(sHigh, 2.8853900432586670, main) +
    fma(sHigh, 3.2734474483568489e-8, sLow * 2.8853900432586670);
  // e + main + rest as an unevaluated sum of two floats.
  let sum1 = rounded(e + main);
  let err1 = select(rounded(main - sum1) + e, rounded(e - sum1) + main, abs(e) >= abs(main));
  let low = rounded(err1) + (mainLow + tail);
  let high = rounded(sum1 + low);
  let logLow = rounded(sum1 - high) + low;
  let product = rounded(high * y);
  let productLow = productRest(high, y, product) + logLow * y;
  let c = clamp(product, -160.0, 160.0);
  let n = round(c);
  let r = rounded(c - n) + select(productLow, 0.0, abs(product) > 160.0);
  var p = fma(1.535920892e-4, r, 1.339262701e-3);
  p = fma(p, r, 9.618384764e-3);
  p = fma(p, r, 5.550347269e-2);
  p = fma(p, r, 0.2402264476);
  p = fma(p, r, 0.6931471825);
  var result = bitcast<u32>(scaleOf(fma(p, r, 1.0), i32(n)));
  // Bases 0 and infinity, exponents of infinity.
  let growing = (y > 0.0) == (a > 1.0);
  let extreme = (bits0 == 0u) | (bits0 == 0x7f800000u) | ((bitcast<u32>(y) & 0x7fffffffu) == 0x7f800000u);
  result = select(result, select(0u, 0x7f800000u, growing), extreme);
  return bitcast<f32>(select(result, 0x3f800000u, a == 1.0));
}

fn powInt(x: i32, y: i32) -> i32 {
  if (y < 0) {
    return select(select(0, select(1, -1, (y & 1) == 1), x == -1), 1, x == 1);
  }
  return bitcast<i32>(powUint(bitcast<u32>(x), bitcast<u32>(y)));
}

fn powUint(x: u32, y: u32) -> u32 {
  var result = 1u;
  var power = x;
  var rest = y;
  while (rest > 0u) {
    result *= select(1u, power, (rest & 1u) == 1u);
    power *= power;
    rest >>= 1u;
  }
  return result;
}
