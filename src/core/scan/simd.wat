;; The finders of finder.ts over sixteen bytes at a time, with the cheap reasons against a candidate inside, so that
;; JavaScript sees only what needs judgement. They may let through what the engine then refuses, never the other way round:
;; test/scan/simd.test.ts holds them against the plain finders. `node scripts/build.js --wat` turns this into simd-code.ts.
;;
;; Memory, filled by simd.ts:
;;      0  class bits of each byte (alphabet.ts)        256  bigram code of each byte
;;    512  bigram table, 28 by 28 signed bytes         1536  flags of each byte, below
;;   1792  fourth bytes of stems, a bit a bucket       2048  six nibble tables of stems
;;   2144  nibble tables: token low, high, span low, high; marks low, high
;;   2240  scratch of 16 bytes                         2256  where to go on after a full list
;;   2368  256 masks of 64 classes                     4416  bits of three-byte beginnings (8192 bytes)
;;  12608  2048 slots: address of a list or 0         20800  lists of token beginnings
;;  65536  window                                   1114112  second flags of each byte
;;1114368  8 needles of up to 16 bytes              1114496  texts behind them, up to 8 bytes each
;;1114560  a byte a needle: where in it the three bytes stand that are looked for, its length, that of the text behind
;;1114592  six nibble tables of those bytes          1115136  bits of the words of seed phrases (8192 bytes)
;;1123328  list of what was found
;;
;; Flags: 1 may follow a name, 2 name byte, 4 ends an anchor, 8 dotted word, 16 stands in a value, 32 ends a word,
;; 64 letter of an escape, 128 may follow a value. Second flags: 1 operator, 2 closes a name, 4 ends a bare value, 8 goes on after =, 16 is no bare value,
;; 32 second byte of an operator, 64 stands in a type, 128 stands between words of a phrase
(module
  (import "scan" "memory" (memory 20))

  ;; Runs of at least 16 token bytes in [from, end) worth a look: start, stop, and what valueOf says. Returns the number of words.
  (func $runs (export "runs") (param $from i32) (param $end i32) (param $isBinary i32) (result i32)
    (local $at i32) (local $miss i32) (local $start i32) (local $stop i32) (local $out i32) (local $value i32) (local $v v128)
    (local.set $at (local.get $from))
    (local.set $start (local.get $from))
    (local.set $out (i32.const 1123328))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
      (local.set $v (v128.load (local.get $at)))
      (local.set $miss (i32.and (i32.const 0xffff) (i8x16.bitmask (i8x16.eq (v128.const i8x16 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0)
        (v128.and
          (i8x16.swizzle (v128.load offset=2144 (i32.const 0)) (v128.and (local.get $v) (v128.const i8x16 15 15 15 15 15 15 15 15 15 15 15 15 15 15 15 15)))
          (i8x16.swizzle (v128.load offset=2160 (i32.const 0)) (i8x16.shr_u (local.get $v) (i32.const 4))))))))
      (if (i32.gt_u (i32.add (local.get $at) (i32.const 16)) (local.get $end))
        (then (local.set $miss (i32.and (i32.const 0xffff)
          (i32.or (local.get $miss) (i32.shl (i32.const -1) (i32.sub (local.get $end) (local.get $at))))))))
      (local.set $stop (i32.add (local.get $at) (i32.ctz (local.get $miss))))
      ;; Most blocks have a break and few end a long run: the one branch is nearly always the same.
      (if (i32.and (i32.ne (local.get $miss) (i32.const 0)) (i32.ge_s (i32.sub (local.get $stop) (local.get $start)) (i32.const 16)))
        (then (if (local.tee $value (call $valueOf (local.get $start) (local.get $stop) (local.get $end) (local.get $isBinary)))
          (then
            (i32.store (local.get $out) (i32.sub (local.get $start) (i32.const 65536)))
            (i32.store offset=4 (local.get $out) (i32.sub (local.get $stop) (i32.const 65536)))
            (i32.store offset=8 (local.get $out) (call $kindsOf (local.get $start) (local.get $stop) (local.get $value)))
            (local.set $out (i32.add (local.get $out) (i32.const 12)))
            (if (i32.ge_u (local.get $out) (i32.const 1253312))
              (then
                (i32.store (i32.const 2256) (i32.add (local.get $stop) (i32.const 1)))
                (return (i32.const 32496))))))))
      (local.set $start (select
        (i32.add (local.get $at) (i32.sub (i32.const 32) (i32.clz (local.get $miss))))
        (local.get $start)
        (local.get $miss)))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br $next)))
    ;; A run that fills the last block to its end.
    (if (i32.ge_s (i32.sub (local.get $end) (local.get $start)) (i32.const 16))
      (then (if (local.tee $value (call $valueOf (local.get $start) (local.get $end) (local.get $end) (local.get $isBinary)))
        (then
          (i32.store (local.get $out) (i32.sub (local.get $start) (i32.const 65536)))
          (i32.store offset=4 (local.get $out) (i32.sub (local.get $end) (i32.const 65536)))
          (i32.store offset=8 (local.get $out) (call $kindsOf (local.get $start) (local.get $end) (local.get $value)))
          (local.set $out (i32.add (local.get $out) (i32.const 12)))))))
    (i32.store (i32.const 2256) (local.get $end))
    (i32.shr_u (i32.sub (local.get $out) (i32.const 1123328)) (i32.const 2)))

  ;; The class bits of a run, or `value` when that says where the value begins.
  (func $kindsOf (param $at i32) (param $stop i32) (param $value i32) (result i32)
    (local $kinds i32)
    (if (i32.lt_s (local.get $value) (i32.const 0)) (then (return (local.get $value))))
    (loop $next
      (local.set $kinds (i32.or (local.get $kinds) (i32.load8_u (i32.load8_u (local.get $at)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $stop))))
    (local.get $kinds))

  ;; What Engine.run does with a run, as far as it can end with nothing: 0 for nothing, 1 when a token may
  ;; begin in it or it must be decoded, and the complement of the offset of the value when only that is left to judge.
  (func $valueOf (param $start i32) (param $stop i32) (param $end i32) (param $isBinary i32) (result i32)
    (local $s i32) (local $value i32) (local $byte i32) (local $at i32) (local $bits i32) (local $mark i32) (local $last i32) (local $v v128)
    (local.set $s (local.get $start))
    (if (i32.gt_u (local.get $start) (i32.const 65536))
      (then
        (local.set $byte (i32.load8_u (i32.sub (local.get $start) (i32.const 1))))
        (if (i32.eq (local.get $byte) (i32.const 0x25)) (then (return (i32.const 1))))
        (if (i32.eq (local.get $byte) (i32.const 0x5c))
          (then
            (local.set $byte (i32.load8_u (local.get $start)))
            (if (i32.eq (local.get $byte) (i32.const 0x75))
              (then (local.set $s (i32.add (local.get $start) (i32.const 5))))
              (else (if (i32.and (i32.load8_u offset=1536 (local.get $byte)) (i32.const 64))
                (then (local.set $s (i32.add (local.get $start) (i32.const 1)))))))))
        (local.set $byte (i32.load8_u (i32.sub (local.get $s) (i32.const 1))))
        (if (i32.and (i32.load8_u offset=1536 (local.get $byte)) (i32.const 4))
          (then (if (i32.ge_u (local.get $s) (i32.const 65538))
            (then (if (call $isListed
                (i32.or (i32.const 0x1000000) (i32.or (local.get $byte) (i32.shl (i32.load8_u (i32.sub (local.get $s) (i32.const 2))) (i32.const 8))))
                (local.get $s) (local.get $end))
              (then (return (i32.const 1))))))))
        (if (i32.eq (local.get $byte) (i32.const 0x2e))
          (then (if (call $isToken (call $dottedStart (local.get $s)) (local.get $end)) (then (return (i32.const 1))))))))
    (if (call $isToken (local.get $s) (local.get $end)) (then (return (i32.const 1))))
    ;; Inside the run tokens begin after marks, and a value after its last single `=`.
    (local.set $value (local.get $s))
    (local.set $last (i32.sub (local.get $stop) (i32.const 4)))
    (local.set $at (local.get $s))
    (block $walked (loop $blocks
      (br_if $walked (i32.gt_s (local.get $at) (local.get $last)))
      (local.set $v (v128.load (local.get $at)))
      (local.set $bits (i32.xor (i32.const 0xffff) (i8x16.bitmask (i8x16.eq (v128.const i8x16 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0)
        (v128.and
          (i8x16.swizzle (v128.load offset=2208 (i32.const 0)) (v128.and (local.get $v) (v128.const i8x16 15 15 15 15 15 15 15 15 15 15 15 15 15 15 15 15)))
          (i8x16.swizzle (v128.load offset=2224 (i32.const 0)) (i8x16.shr_u (local.get $v) (i32.const 4))))))))
      (block $none (loop $marks
        (br_if $none (i32.eqz (local.get $bits)))
        (local.set $mark (i32.add (local.get $at) (i32.ctz (local.get $bits))))
        (br_if $walked (i32.gt_s (local.get $mark) (local.get $last)))
        (local.set $bits (i32.and (local.get $bits) (i32.sub (local.get $bits) (i32.const 1))))
        (if (i32.lt_s (local.get $mark) (local.get $last))
          (then (if (call $isToken (i32.add (local.get $mark) (i32.const 1)) (local.get $end)) (then (return (i32.const 1))))))
        (if (i32.eq (i32.load8_u (local.get $mark)) (i32.const 0x3d))
          (then (if (i32.ne (i32.load8_u offset=1 (local.get $mark)) (i32.const 0x3d))
            (then (local.set $value (i32.add (local.get $mark) (i32.const 1)))))))
        (br $marks)))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br $blocks)))
    (if (local.get $isBinary) (then (return (i32.const 0))))
    (if (i32.gt_s (i32.sub (local.get $stop) (local.get $s)) (i32.const 512)) (then (return (i32.const 1))))
    (if (i32.eq (i32.load8_u (local.get $stop)) (i32.const 0x25)) (then (return (i32.const 1))))
    (if (i32.lt_s (i32.sub (local.get $stop) (local.get $value)) (i32.const 8)) (then (return (i32.const 0))))
    (if (call $isDigest (local.get $value) (local.get $stop)) (then (return (i32.const 0))))
    (if (call $mayNameItself (local.get $value) (local.get $stop) (local.get $end)) (then (return (i32.const 1))))
    (if (call $mayBeText (local.get $value)) (then (return (i32.const 1))))
    (if (call $isWords (local.get $value) (local.get $stop)) (then (return (i32.const 0))))
    (if (i32.eqz (call $mayBeRandom (local.get $value) (local.get $stop) (local.get $end))) (then (return (i32.const 0))))
    (i32.xor (i32.const -1) (i32.sub (local.get $value) (i32.const 65536))))

  ;; UTF-16 in base64 (mayBeWide of decoders.ts), or text in hex after `0x`: neither looks random.
  (func $mayBeText (param $at i32) (result i32)
    (if (i32.eq (i32.load16_u (local.get $at)) (i32.const 0x7830))
      (then (return (i32.and
        (i32.lt_u (i32.sub (i32.load8_u offset=2 (local.get $at)) (i32.const 0x32)) (i32.const 6))
        (i32.lt_u (i32.sub (i32.load8_u offset=4 (local.get $at)) (i32.const 0x32)) (i32.const 6))))))
    (i32.or
      (i32.and
        (i32.eq (i32.and (i32.load offset=4 (local.get $at)) (i32.const 0xff0000ff)) (i32.const 0x41000041))
        (i32.eq (i32.and (i32.load offset=12 (local.get $at)) (i32.const 0xff0000ff)) (i32.const 0x41000041)))
      (i32.and
        (i32.eq (i32.and (i32.load (local.get $at)) (i32.const 0xff0000ff)) (i32.const 0x41000041))
        (i32.eq (i32.and (i32.load offset=8 (local.get $at)) (i32.const 0xff0000ff)) (i32.const 0x41000041)))))

  ;; `sha512-` and 64 bytes in base64, as lockfiles have them, between bytes that no value goes on with: the judge takes a
  ;; digest for no value, and what it decodes to is no text.
  (func $isDigest (param $start i32) (param $stop i32) (result i32)
    (local $kind i32) (local $length i32)
    (if (i32.ne (i32.and (i32.load (local.get $start)) (i32.const 0xffffff)) (i32.const 0x616873)) (then (return (i32.const 0))))
    (local.set $kind (i32.load offset=3 (local.get $start)))
    (local.set $length (i32.sub (local.get $stop) (local.get $start)))
    (if (i32.eqz (i32.or (i32.and (i32.eq (local.get $kind) (i32.const 0x2d323135)) (i32.eq (local.get $length) (i32.const 95)))
          (i32.or (i32.and (i32.eq (local.get $kind) (i32.const 0x2d343833)) (i32.eq (local.get $length) (i32.const 71)))
            (i32.and (i32.eq (local.get $kind) (i32.const 0x2d363532)) (i32.eq (local.get $length) (i32.const 51))))))
      (then (return (i32.const 0))))
    (i32.and
      (i32.and (i32.load8_u (i32.load8_u (i32.sub (local.get $start) (i32.const 1)))) (i32.const 112))
      (i32.and (i32.load8_u (i32.load8_u (local.get $stop))) (i32.const 112))))

  ;; Engine.selfNamed without its word lists: words of one class of letters up to a random part of twenty bytes or more,
  ;; which is no words by the limit for its length.
  (func $mayNameItself (param $start i32) (param $stop i32) (param $end i32) (result i32)
    (local $i i32) (local $at i32) (local $limit i32) (local $byte i32) (local $kind i32) (local $last i32)
    (if (i32.le_s (i32.sub (local.get $stop) (local.get $start)) (i32.const 20)) (then (return (i32.const 0))))
    (local.set $limit (i32.add (local.get $start) (i32.const 46)))
    (if (i32.gt_s (local.get $limit) (local.get $stop)) (then (local.set $limit (local.get $stop))))
    (local.set $i (local.get $start))
    (local.set $at (local.get $start))
    (block $mixed
      (loop $next
        (if (i32.ge_s (local.get $i) (local.get $limit)) (then (return (i32.const 0))))
        (local.set $byte (i32.load8_u (local.get $i)))
        (if (i32.or (i32.eq (local.get $byte) (i32.const 0x5f)) (i32.eq (local.get $byte) (i32.const 0x2d)))
          (then
            ;; A word is one to fourteen bytes.
            (if (i32.gt_u (i32.sub (i32.sub (local.get $i) (local.get $at)) (i32.const 1)) (i32.const 13)) (then (return (i32.const 0))))
            (local.set $at (i32.add (local.get $i) (i32.const 1))))
          (else
            (local.set $kind (i32.and (i32.load8_u (local.get $byte)) (i32.const 7)))
            (if (i32.eqz (local.get $kind)) (then (return (i32.const 0))))
            (if (i32.and (i32.gt_s (local.get $i) (local.get $at)) (i32.ne (local.get $kind) (local.get $last)))
              (then
                ;; `fm2_`: a digit ends the first word, which has up to four letters in lower case.
                (br_if $mixed (i32.ne (i32.or (local.get $kind) (i32.shl (local.get $last) (i32.const 4))) (i32.const 0x21)))
                (br_if $mixed (i32.ne (local.get $at) (local.get $start)))
                (br_if $mixed (i32.gt_s (i32.sub (local.get $i) (local.get $start)) (i32.const 4)))
                (br_if $mixed (i32.ne (i32.load8_u (i32.add (local.get $i) (i32.const 1))) (i32.const 0x5f)))))
            (local.set $last (local.get $kind))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
    (if (i32.eq (local.get $at) (local.get $start)) (then (return (i32.const 0))))
    (local.set $limit (i32.sub (local.get $stop) (local.get $at)))
    (if (i32.lt_s (local.get $limit) (i32.const 20)) (then (return (i32.const 0))))
    (if (i32.lt_s (local.get $stop) (local.get $end))
      (then (if (i32.eqz (i32.and (i32.load8_u offset=1536 (i32.load8_u (local.get $stop))) (i32.const 128))) (then (return (i32.const 0))))))
    (call $mayLookRandom (local.get $at) (local.get $stop)))

  ;; Engine.value up to the question whether it looks random: bounds, and words by the limit for its length.
  (func $mayBeRandom (param $at i32) (param $stop i32) (param $end i32) (result i32)
    (local $start i32) (local $floor i32) (local $i i32) (local $length i32) (local $byte i32)
    (local.set $start (local.get $at))
    (block $left
      (br_if $left (i32.le_u (local.get $at) (i32.const 65536)))
      (br_if $left (i32.eq (i32.load8_u (i32.sub (local.get $at) (i32.const 1))) (i32.const 0x3d)))
      (local.set $floor (i32.sub (local.get $at) (i32.const 64)))
      (if (i32.lt_s (local.get $floor) (i32.const 65536)) (then (local.set $floor (i32.const 65536))))
      (local.set $i (i32.sub (local.get $at) (i32.const 1)))
      (block $found (loop $back
        (br_if $found (i32.lt_s (local.get $i) (local.get $floor)))
        (local.set $byte (i32.load8_u (local.get $i)))
        (br_if $found (i32.eqz (i32.or (i32.and (i32.load8_u (local.get $byte)) (i32.const 7))
          (i32.and (i32.load8_u offset=1536 (local.get $byte)) (i32.const 16)))))
        (local.set $i (i32.sub (local.get $i) (i32.const 1)))
        (br $back)))
      (local.set $start (i32.add (local.get $i) (i32.const 1)))
      (br_if $left (i32.lt_s (local.get $i) (i32.const 65536)))
      (br_if $left (i32.ne (i32.load8_u (local.get $i)) (i32.const 0x5c)))
      (if (i32.lt_s (i32.add (local.get $i) (i32.const 1)) (local.get $at))
        (then (local.set $start (i32.add (local.get $i) (i32.const 2))))))
    (local.set $floor (i32.add (local.get $stop) (i32.const 128)))
    (if (i32.gt_s (local.get $floor) (local.get $end)) (then (local.set $floor (local.get $end))))
    (local.set $i (local.get $stop))
    (block $right (loop $forward
      (br_if $right (i32.ge_s (local.get $i) (local.get $floor)))
      (local.set $byte (i32.load8_u (local.get $i)))
      (br_if $right (i32.eqz (i32.or (i32.and (i32.load8_u (local.get $byte)) (i32.const 15))
        (i32.and (i32.load8_u offset=1536 (local.get $byte)) (i32.const 16)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $forward)))
    (block $trimmed (loop $trim
      (br_if $trimmed (i32.le_s (local.get $i) (local.get $stop)))
      (local.set $byte (i32.load8_u (i32.sub (local.get $i) (i32.const 1))))
      (br_if $trimmed (i32.eqz (i32.or (i32.eq (local.get $byte) (i32.const 0x2e)) (i32.eq (local.get $byte) (i32.const 0x21)))))
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (br $trim)))
    (if (i32.lt_s (local.get $i) (local.get $end))
      (then (if (i32.eqz (i32.and (i32.load8_u offset=1536 (i32.load8_u (local.get $i))) (i32.const 128))) (then (return (i32.const 0))))))
    (local.set $length (i32.sub (local.get $i) (local.get $start)))
    ;; UUIDs and 0x with 64 digits are judged by their structure.
    (if (i32.or (i32.eq (local.get $length) (i32.const 36)) (i32.eq (local.get $length) (i32.const 66))) (then (return (i32.const 1))))
    (call $mayLookRandom (local.get $start) (local.get $i)))

  ;; looksRandom as far as it depends on classes and words.
  (func $mayLookRandom (param $start i32) (param $end i32) (result i32)
    (local $length i32) (local $kinds i32) (local $at i32)
    (local.set $length (i32.sub (local.get $end) (local.get $start)))
    (if (i32.lt_s (local.get $length) (i32.const 8)) (then (return (i32.const 0))))
    (if (i32.gt_s (local.get $length) (i32.const 256)) (then (local.set $end (i32.add (local.get $start) (i32.const 256)))))
    (local.set $kinds (i32.const 255))
    (local.set $at (local.get $start))
    (loop $kind
      (local.set $kinds (i32.and (local.get $kinds) (i32.load8_u (i32.load8_u (local.get $at)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $kind (i32.and (i32.ne (local.get $kinds) (i32.const 0)) (i32.lt_s (local.get $at) (local.get $end)))))
    (if (i32.and (local.get $kinds) (i32.const 1)) (then (return (i32.const 0))))
    (if (i32.and (local.get $kinds) (i32.const 128)) (then (return (i32.const 1))))
    (i32.eqz (call $isAbove (local.get $start) (local.get $end) (call $wordLimit (local.get $length)))))

  ;; wordLimit of randomness.ts.
  (func $wordLimit (param $length i32) (result f64)
    (if (i32.ge_s (local.get $length) (i32.const 64)) (then (return (f64.const -0.6))))
    (if (i32.ge_s (local.get $length) (i32.const 40)) (then (return (f64.const -0.5))))
    (if (i32.ge_s (local.get $length) (i32.const 32)) (then (return (f64.const -0.4))))
    (if (i32.ge_s (local.get $length) (i32.const 20)) (then (return (f64.const -0.25))))
    (if (i32.ge_s (local.get $length) (i32.const 16)) (then (return (f64.const -0.1))))
    (f64.const 0.1))

  ;; Start of the word that goes on over dots before `at`.
  (func $dottedStart (param $at i32) (result i32)
    (local $i i32) (local $floor i32)
    (local.set $floor (i32.sub (local.get $at) (i32.const 80)))
    (if (i32.lt_s (local.get $floor) (i32.const 65536)) (then (local.set $floor (i32.const 65536))))
    (local.set $i (i32.sub (local.get $at) (i32.const 1)))
    (block $out (loop $back
      (br_if $out (i32.lt_s (local.get $i) (local.get $floor)))
      (br_if $out (i32.eqz (i32.and (i32.load8_u offset=1536 (i32.load8_u (local.get $i))) (i32.const 8))))
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (br $back)))
    (i32.add (local.get $i) (i32.const 1)))

  ;; True when some token may begin at `at`.
  (func $isToken (param $at i32) (param $end i32) (result i32)
    (local $key i32) (local $hash i32)
    (local.set $key (i32.load (local.get $at)))
    (local.set $hash (call $threeHash (local.get $key)))
    (if (i32.eqz (i32.and (i32.const 1) (i32.shr_u (i32.load8_u offset=4416 (i32.shr_u (local.get $hash) (i32.const 3)))
        (i32.and (local.get $hash) (i32.const 7)))))
      (then (return (i32.const 0))))
    (call $isListed (i32.and (local.get $key) (i32.const 0xffffff)) (local.get $at) (local.get $end)))

  ;; Bit of the three low bytes of `key`.
  (func $threeHash (param $key i32) (result i32)
    (i32.shr_u (i32.mul (i32.shl (local.get $key) (i32.const 8)) (i32.const 0x9e3779b1)) (i32.const 16)))

  ;; A letter or digit stands before `at` and belongs to no escape: no token begins there.
  (func $isInWord (param $at i32) (result i32)
    (if (i32.le_s (local.get $at) (i32.const 65536)) (then (return (i32.const 0))))
    (if (i32.eqz (i32.and (i32.load8_u (i32.load8_u (i32.sub (local.get $at) (i32.const 1)))) (i32.const 7))) (then (return (i32.const 0))))
    (if (i32.eq (i32.load8_u (i32.sub (local.get $at) (i32.const 2))) (i32.const 0x5c)) (then (return (i32.const 0))))
    (i32.ne (i32.load8_u (i32.sub (local.get $at) (i32.const 3))) (i32.const 0x25)))

  ;; True when an entry of the list of `key` fits at `at`: key, number of entries, then each entry's length, how far before
  ;; `at` it begins (with 128 when the match may begin even earlier), and its bytes: below 128 that byte itself, from 128 on
  ;; a class.
  (func $isListed (param $key i32) (param $at i32) (param $end i32) (result i32)
    (local $slot i32) (local $list i32) (local $left i32) (local $length i32) (local $from i32) (local $k i32) (local $want i32) (local $byte i32)
    (local.set $slot (i32.shr_u (i32.mul (local.get $key) (i32.const 0x9e3779b1)) (i32.const 21)))
    (block $found (loop $probe
      (local.set $list (i32.load offset=12608 (i32.shl (local.get $slot) (i32.const 2))))
      (if (i32.eqz (local.get $list)) (then (return (i32.const 0))))
      (br_if $found (i32.eq (i32.load (local.get $list)) (local.get $key)))
      (local.set $slot (i32.and (i32.add (local.get $slot) (i32.const 1)) (i32.const 2047)))
      (br $probe)))
    (local.set $left (i32.load16_u offset=4 (local.get $list)))
    (local.set $list (i32.add (local.get $list) (i32.const 6)))
    (block $over (loop $entries
      (br_if $over (i32.eqz (local.get $left)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (local.set $length (i32.load8_u (local.get $list)))
      (local.set $want (i32.load8_u offset=1 (local.get $list)))
      (local.set $from (i32.sub (local.get $at) (i32.and (local.get $want) (i32.const 127))))
      (local.set $list (i32.add (local.get $list) (i32.const 2)))
      (block $other
        (br_if $other (i32.lt_s (local.get $from) (i32.const 65536)))
        (if (i32.eqz (i32.and (local.get $want) (i32.const 128)))
          (then (br_if $other (call $isInWord (local.get $from)))))
        (br_if $other (i32.gt_s (i32.add (local.get $from) (local.get $length)) (local.get $end)))
        (local.set $k (i32.const 0))
        (loop $bytes
          (if (i32.ge_u (local.get $k) (local.get $length)) (then (return (i32.const 1))))
          (local.set $want (i32.load8_u (i32.add (local.get $list) (local.get $k))))
          (local.set $byte (i32.load8_u (i32.add (local.get $from) (local.get $k))))
          (if (i32.lt_u (local.get $want) (i32.const 128))
            (then (br_if $other (i32.ne (local.get $want) (local.get $byte))))
            (else (br_if $other (i64.eqz (i64.and (i64.const 1)
              (i64.shr_u (i64.load offset=2368 (i32.shl (local.get $byte) (i32.const 3)))
                (i64.extend_i32_u (i32.sub (local.get $want) (i32.const 128)))))))))
          (local.set $k (i32.add (local.get $k) (i32.const 1)))
          (br $bytes)))
      (local.set $list (i32.add (local.get $list) (local.get $length)))
      (br $entries)))
    (i32.const 0))

  ;; isClearlyWords and `wordiness > 0.15` of randomness.ts.
  (func $isWords (param $start i32) (param $end i32) (result i32)
    (local $i i32) (local $stop i32) (local $sum i32) (local $previous i32) (local $symbol i32)
    (local.set $stop (local.get $end))
    (if (i32.gt_s (i32.sub (local.get $end) (local.get $start)) (i32.const 17))
      (then (local.set $stop (i32.add (local.get $start) (i32.const 17)))))
    (local.set $previous (i32.load8_u offset=256 (i32.load8_u (local.get $start))))
    (local.set $i (i32.add (local.get $start) (i32.const 1)))
    (block $out (loop $next
      (br_if $out (i32.ge_u (local.get $i) (local.get $stop)))
      (local.set $symbol (i32.load8_u offset=256 (i32.load8_u (local.get $i))))
      (local.set $sum (i32.add (local.get $sum) (call $pair (local.get $previous) (local.get $symbol))))
      (local.set $previous (local.get $symbol))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
    (if (i32.gt_s (local.get $sum) (i32.const 16)) (then (return (i32.const 1))))
    (call $isAbove (local.get $start) (local.get $end) (f64.const 0.15)))

  ;; True when the wordiness of a text is above `limit`.
  (func $isAbove (param $start i32) (param $end i32) (param $limit f64) (result i32)
    (local $i i32) (local $stop i32) (local $sum i32) (local $pairs i32) (local $previous i32) (local $symbol i32) (local $wasLower i32)
    (local $byte i32) (local $kind i32)
    (local.set $previous (i32.const -1))
    (local.set $stop (local.get $end))
    (if (i32.gt_s (i32.sub (local.get $end) (local.get $start)) (i32.const 96))
      (then (local.set $stop (i32.add (local.get $start) (i32.const 96)))))
    (local.set $i (local.get $start))
    (block $out (loop $next
      (br_if $out (i32.ge_u (local.get $i) (local.get $stop)))
      (local.set $byte (i32.load8_u (local.get $i)))
      (local.set $symbol (i32.load8_u offset=256 (local.get $byte)))
      (local.set $kind (i32.load8_u (local.get $byte)))
      (if (i32.and (local.get $wasLower) (local.get $kind))
        (then
          (local.set $sum (i32.add (local.get $sum) (call $pair (local.get $previous) (i32.const 27))))
          (local.set $pairs (i32.add (local.get $pairs) (i32.const 1)))
          (local.set $previous (i32.const 27))))
      (if (i32.ge_s (local.get $previous) (i32.const 0))
        (then
          (local.set $sum (i32.add (local.get $sum) (call $pair (local.get $previous) (local.get $symbol))))
          (local.set $pairs (i32.add (local.get $pairs) (i32.const 1)))))
      (local.set $previous (local.get $symbol))
      ;; The bit of a lower-case letter moved to that of an upper-case one, to be met by the next byte.
      (local.set $wasLower (i32.shl (i32.and (local.get $kind) (i32.const 2)) (i32.const 1)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
    ;; No pairs weigh 0.
    (if (i32.eqz (local.get $pairs)) (then (return (f64.gt (f64.const 0) (local.get $limit)))))
    (f64.gt (f64.div (f64.convert_i32_s (local.get $sum)) (f64.mul (f64.const 2) (f64.convert_i32_s (local.get $pairs)))) (local.get $limit)))

  ;; Weight of a pair of bigram codes; two digits weigh nothing.
  (func $pair (param $first i32) (param $second i32) (result i32)
    (if (result i32) (i32.and (i32.eq (local.get $first) (i32.const 26)) (i32.eq (local.get $second) (i32.const 26)))
      (then (i32.const 0))
      (else (i32.load8_s offset=512 (i32.add (i32.mul (local.get $first) (i32.const 28)) (local.get $second))))))

  ;; Offsets of stems in [from, end) whose name may be followed by a value.
  (func $stems (export "stems") (param $from i32) (param $end i32) (param $isConfig i32) (result i32)
    (local $at i32) (local $bits i32) (local $k i32) (local $p i32) (local $out i32) (local $limit i32)
    (local $a v128) (local $b v128) (local $c v128) (local $low v128)
    (local.set $low (v128.const i8x16 15 15 15 15 15 15 15 15 15 15 15 15 15 15 15 15))
    (local.set $at (local.get $from))
    (local.set $out (i32.const 1123328))
    (local.set $limit (i32.sub (local.get $end) (i32.const 4)))
    (block $done (loop $next
      (br_if $done (i32.gt_s (local.get $at) (local.get $limit)))
      (local.set $a (v128.load (local.get $at)))
      (local.set $b (v128.load offset=1 (local.get $at)))
      (local.set $c (v128.load offset=2 (local.get $at)))
      (local.set $a (v128.and
        (v128.and
          (v128.and
            (i8x16.swizzle (v128.load offset=2048 (i32.const 0)) (v128.and (local.get $a) (local.get $low)))
            (i8x16.swizzle (v128.load offset=2064 (i32.const 0)) (i8x16.shr_u (local.get $a) (i32.const 4))))
          (v128.and
            (i8x16.swizzle (v128.load offset=2080 (i32.const 0)) (v128.and (local.get $b) (local.get $low)))
            (i8x16.swizzle (v128.load offset=2096 (i32.const 0)) (i8x16.shr_u (local.get $b) (i32.const 4)))))
        (v128.and
          (i8x16.swizzle (v128.load offset=2112 (i32.const 0)) (v128.and (local.get $c) (local.get $low)))
          (i8x16.swizzle (v128.load offset=2128 (i32.const 0)) (i8x16.shr_u (local.get $c) (i32.const 4))))))
      (if (v128.any_true (local.get $a))
        (then
          (v128.store offset=2240 (i32.const 0) (local.get $a))
          (local.set $bits (i32.xor (i32.const 0xffff) (i8x16.bitmask (i8x16.eq (local.get $a) (v128.const i8x16 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0)))))
          (block $none (loop $each
            (br_if $none (i32.eqz (local.get $bits)))
            (local.set $k (i32.ctz (local.get $bits)))
            (local.set $bits (i32.and (local.get $bits) (i32.sub (local.get $bits) (i32.const 1))))
            (local.set $p (i32.add (local.get $at) (local.get $k)))
            (br_if $done (i32.gt_s (local.get $p) (local.get $limit)))
            (if (i32.and (i32.load8_u offset=2240 (local.get $k)) (i32.load8_u offset=1792 (i32.load8_u offset=3 (local.get $p))))
              (then (if (call $isFollowed (local.get $p) (local.get $end) (local.get $isConfig))
                (then
                  (i32.store (local.get $out) (i32.sub (local.get $p) (i32.const 65536)))
                  (local.set $out (i32.add (local.get $out) (i32.const 4)))
                  (if (i32.ge_u (local.get $out) (i32.const 1253312))
                    (then
                      (i32.store (i32.const 2256) (i32.add (local.get $p) (i32.const 1)))
                      (return (i32.const 32496))))))))
            (br $each)))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br $next)))
    (i32.store (i32.const 2256) (local.get $end))
    (i32.shr_u (i32.sub (local.get $out) (i32.const 1123328)) (i32.const 2)))

  ;; After the name around `at` stands an operator and what may be a value: valueAfter of value-after.ts and what the engine
  ;; asks of its answer.
  (func $isFollowed (param $at i32) (param $end i32) (param $isConfig i32) (result i32)
    (local $stop i32) (local $closed i32) (local $byte i32) (local $next i32) (local $i i32) (local $hasClosers i32)
    (local.set $i (local.get $at))
    (local.set $stop (i32.add (local.get $at) (i32.const 48)))
    (if (i32.gt_s (local.get $stop) (local.get $end)) (then (local.set $stop (local.get $end))))
    (block $out (loop $next
      (br_if $out (i32.ge_u (local.get $i) (local.get $stop)))
      (br_if $out (i32.eqz (i32.and (i32.load8_u offset=1536 (i32.load8_u (local.get $i))) (i32.const 2))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
    (if (i32.ge_u (local.get $i) (local.get $end)) (then (return (i32.const 0))))
    (local.set $byte (i32.load8_u (local.get $i)))
    ;; The rest is percent-encoded.
    (if (i32.eq (local.get $byte) (i32.const 0x25)) (then (return (i32.const 1))))
    (if (i32.eqz (i32.and (i32.load8_u offset=1536 (local.get $byte)) (i32.const 1))) (then (return (i32.const 0))))
    (local.set $closed (local.get $i))
    (local.set $stop (i32.add (local.get $i) (i32.const 20)))
    (if (i32.gt_s (local.get $stop) (local.get $end)) (then (local.set $stop (local.get $end))))
    (block $out (loop $next
      (br_if $out (i32.ge_u (local.get $i) (local.get $stop)))
      (local.set $byte (i32.load8_u (local.get $i)))
      (br_if $out (i32.eqz (i32.and (i32.load8_u offset=1114112 (local.get $byte)) (i32.const 2))))
      ;; A line end written out may lead to an entry.
      (if (i32.eq (local.get $byte) (i32.const 0x5c))
        (then (if (i32.and (i32.load8_u offset=1536 (i32.load8_u offset=1 (local.get $i))) (i32.const 64)) (then (return (i32.const 1))))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
    (if (i32.ge_u (local.get $i) (local.get $end)) (then (return (i32.const 0))))
    (local.set $byte (i32.load8_u (local.get $i)))
    (local.set $next (i32.load8_u offset=1 (local.get $i)))
    (local.set $hasClosers (i32.gt_s (local.get $i) (local.get $closed)))
    (if (i32.or (local.get $hasClosers) (i32.or (i32.eq (local.get $byte) (i32.const 0x3c)) (i32.and (i32.load8_u (local.get $byte)) (i32.const 32))))
      (then (if (call $mayBeEntry (local.get $i) (local.get $end)) (then (return (i32.const 1))))))
    ;; `name string = v`
    (if (i32.and (local.get $hasClosers) (i32.eq (i32.and (i32.load (local.get $i)) (i32.const 0xffffff)) (i32.const 0x727473)))
      (then (return (i32.const 1))))
    (block $none
      (br_if $none (i32.eqz (i32.and (i32.load8_u offset=1114112 (local.get $byte)) (i32.const 1))))
      (if (i32.eq (local.get $byte) (i32.const 0x3d))
        (then
          (loop $more
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $more (i32.and (i32.load8_u offset=1114112 (i32.load8_u (local.get $i))) (i32.const 8))))
          (return (call $mayBeValue (local.get $i) (local.get $end) (local.get $isConfig)))))
      (if (i32.eq (local.get $byte) (i32.const 0x3a))
        (then
          (br_if $none (i32.and (i32.eq (local.get $next) (i32.const 0x3a)) (i32.ne (i32.load8_u offset=2 (local.get $i)) (i32.const 0x3d))))
          (if (i32.or (i32.eq (local.get $next) (i32.const 0x3a)) (i32.eq (local.get $next) (i32.const 0x3d))) (then (return (i32.const 1))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (if (call $mayBeValue (local.get $i) (local.get $end) (local.get $isConfig)) (then (return (i32.const 1))))
          (return (call $isTyped (local.get $i) (local.get $end)))))
      (if (i32.eq (local.get $byte) (i32.const 0x2c))
        (then
          (br_if $none (i32.eqz (local.get $hasClosers)))
          ;; The next line of a list is an element of its own.
          (if (call $isLineEnd (i32.add (local.get $i) (i32.const 1)) (local.get $end)) (then (return (i32.const 0))))
          (return (call $mayBeValue (i32.add (local.get $i) (i32.const 1)) (local.get $end) (local.get $isConfig)))))
      (if (i32.or (i32.eq (local.get $byte) (i32.const 0x28)) (i32.eq (local.get $byte) (i32.const 0x3e)))
        (then (return (call $mayBeValue (i32.add (local.get $i) (i32.const 1)) (local.get $end) (local.get $isConfig)))))
      ;; Operators of two bytes: `+=`, `??`, `||`, `->`, `<-`, `!:`.
      (br_if $none (i32.eqz (i32.and (i32.load8_u offset=1114112 (local.get $next)) (i32.const 32))))
      (return (i32.const 1)))
    ;; No operator: only `--password value` and directives are left, after a blank.
    (if (i32.eqz (local.get $hasClosers)) (then (return (i32.const 0))))
    (if (i32.eqz (i32.and (i32.load8_u (i32.load8_u (local.get $closed))) (i32.const 16))) (then (return (i32.const 0))))
    (if (i32.eqz (call $mayBeFlag (local.get $at) (local.get $closed))) (then (return (i32.const 0))))
    (call $mayBeValue (local.get $i) (local.get $end) (local.get $isConfig)))

  ;; entryValue of value-after.ts: after separators and quotes follows the beginning of a name of values, of a tag or a block.
  (func $mayBeEntry (param $i i32) (param $end i32) (result i32)
    (local $stop i32) (local $byte i32) (local $pair i32)
    (local.set $stop (i32.add (local.get $i) (i32.const 44)))
    (if (i32.gt_s (local.get $stop) (local.get $end)) (then (local.set $stop (local.get $end))))
    (block $out (loop $next
      (br_if $out (i32.ge_u (local.get $i) (local.get $stop)))
      (local.set $byte (i32.load8_u (local.get $i)))
      ;; A line end written out.
      (if (i32.eq (local.get $byte) (i32.const 0x5c)) (then (return (i32.const 1))))
      (br_if $out (i32.eqz (i32.or (i32.and (i32.load8_u (local.get $byte)) (i32.const 112))
        (i32.or (i32.eq (local.get $byte) (i32.const 0x2c)) (i32.eq (local.get $byte) (i32.const 0x3b))))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
    (if (i32.ge_u (local.get $i) (local.get $stop)) (then (return (i32.lt_s (local.get $stop) (local.get $end)))))
    (if (i32.eq (local.get $byte) (i32.const 0x7b)) (then (return (i32.const 1))))
    (if (i32.eq (local.get $byte) (i32.const 0x3c)) (then (return (i32.eq (i32.load8_u offset=1 (local.get $i)) (i32.const 0x2f)))))
    ;; va(l), co(ntent), de(fault)
    (local.set $pair (i32.or (i32.load16_u (local.get $i)) (i32.const 0x2020)))
    (i32.or (i32.eq (local.get $pair) (i32.const 0x6176)) (i32.or (i32.eq (local.get $pair) (i32.const 0x6f63)) (i32.eq (local.get $pair) (i32.const 0x6564)))))

  ;; afterColon of value-after.ts finds a type and its `=`.
  (func $isTyped (param $i i32) (param $end i32) (result i32)
    (local $stop i32) (local $byte i32)
    (block $out (loop $next
      (br_if $out (i32.ge_u (local.get $i) (local.get $end)))
      (br_if $out (i32.eqz (i32.and (i32.load8_u (i32.load8_u (local.get $i))) (i32.const 16))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
    (local.set $stop (i32.add (local.get $i) (i32.const 40)))
    (if (i32.gt_s (local.get $stop) (local.get $end)) (then (local.set $stop (local.get $end))))
    (block $out (loop $next
      (if (i32.ge_u (local.get $i) (local.get $stop)) (then (return (i32.const 0))))
      (local.set $byte (i32.load8_u (local.get $i)))
      (br_if $out (i32.eqz (i32.or (i32.and (i32.load8_u offset=1536 (local.get $byte)) (i32.const 2))
        (i32.and (i32.load8_u offset=1114112 (local.get $byte)) (i32.const 64)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
    (i32.eq (local.get $byte) (i32.const 0x3d)))

  ;; Blanks and then a line end.
  (func $isLineEnd (param $i i32) (param $end i32) (result i32)
    (block $out (loop $next
      (if (i32.ge_u (local.get $i) (local.get $end)) (then (return (i32.const 0))))
      (br_if $out (i32.eqz (i32.and (i32.load8_u (i32.load8_u (local.get $i))) (i32.const 16))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
    (i32.and (i32.load8_u (i32.load8_u (local.get $i))) (i32.const 32)))

  ;; readValue of value-after.ts and Engine.mayBeShortSecret: six bytes or more without a blank, in quotes or, in program
  ;; code, with a digit. What leads to another line, or to a second word, is let through.
  (func $mayBeValue (param $i i32) (param $end i32) (param $isConfig i32) (result i32)
    (local $stop i32) (local $start i32) (local $byte i32) (local $next i32) (local $kind i32) (local $digits i32)
    (block $out (loop $skip
      (br_if $out (i32.ge_u (local.get $i) (local.get $end)))
      (br_if $out (i32.eqz (i32.and (i32.load8_u (i32.load8_u (local.get $i))) (i32.const 16))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $skip)))
    (if (i32.ge_u (local.get $i) (local.get $end)) (then (return (i32.const 0))))
    (local.set $start (local.get $i))
    (local.set $byte (i32.load8_u (local.get $i)))
    (block $bare
      (br_if $bare (i32.eqz (i32.and (i32.load8_u offset=1114112 (local.get $byte)) (i32.const 16))))
      (if (i32.and (i32.load8_u (local.get $byte)) (i32.const 64))
        (then
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (local.set $stop (i32.add (local.get $i) (i32.const 200)))
          (if (i32.gt_s (local.get $stop) (local.get $end)) (then (local.set $stop (local.get $end))))
          (loop $quoted
            (if (i32.ge_u (local.get $i) (local.get $stop)) (then (return (i32.const 0))))
            (local.set $next (i32.load8_u (local.get $i)))
            (if (i32.eq (local.get $next) (local.get $byte)) (then (return (i32.gt_s (i32.sub (local.get $i) (local.get $start)) (i32.const 6)))))
            (if (i32.and (i32.load8_u (local.get $next)) (i32.const 48)) (then (return (i32.const 0))))
            (if (i32.eq (local.get $next) (i32.const 0x5c)) (then
              (local.set $i (i32.add (local.get $i) (i32.const 1)))
              ;; An escaped blank or line end: seen by the engine as part of the value.
              (if (i32.and (i32.load8_u (i32.load8_u (local.get $i))) (i32.const 48)) (then (return (i32.const 1))))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $quoted))))
      (local.set $kind (i32.load8_u (local.get $byte)))
      ;; Not a letter, `@` or `$`: another line, an escape or a block.
      (if (i32.eqz (i32.or (i32.and (local.get $kind) (i32.const 6)) (i32.or (i32.eq (local.get $byte) (i32.const 0x40)) (i32.eq (local.get $byte) (i32.const 0x24)))))
        (then (return (i32.const 1))))
      (local.set $next (i32.load8_u offset=1 (local.get $i)))
      (if (i32.or (i32.and (i32.load8_u (local.get $next)) (i32.const 64)) (i32.eq (local.get $next) (i32.const 0x5c))) (then (return (i32.const 1))))
      ;; `Bearer v`, `Basic v`
      (local.set $next (i32.or (local.get $next) (i32.const 0x20)))
      (if (i32.and (i32.eq (i32.or (local.get $byte) (i32.const 0x20)) (i32.const 0x62))
          (i32.or (i32.eq (local.get $next) (i32.const 0x65)) (i32.eq (local.get $next) (i32.const 0x61))))
        (then (return (i32.const 1)))))
    (local.set $stop (i32.add (local.get $start) (i32.const 200)))
    (if (i32.gt_s (local.get $stop) (local.get $end)) (then (local.set $stop (local.get $end))))
    (block $out (loop $each
      (br_if $out (i32.ge_u (local.get $i) (local.get $stop)))
      (local.set $byte (i32.load8_u (local.get $i)))
      (br_if $out (i32.and (i32.load8_u offset=1114112 (local.get $byte)) (i32.const 4)))
      (local.set $digits (i32.or (local.get $digits) (i32.and (i32.load8_u (local.get $byte)) (i32.const 1))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $each)))
    (i32.and (i32.or (local.get $digits) (local.get $isConfig)) (i32.ge_s (i32.sub (local.get $i) (local.get $start)) (i32.const 6))))

  ;; isDefined of directives.ts: before the blanks before `at` stands a short flag, or the end of env, arg, define, set, setx,
  ;; setenv, export or declare.
  (func $mayBeDefined (param $at i32) (result i32)
    (local $i i32) (local $word i32)
    (local.set $i (i32.sub (local.get $at) (i32.const 1)))
    (block $out (loop $back
      (br_if $out (i32.le_s (local.get $i) (i32.const 65536)))
      (br_if $out (i32.eqz (i32.and (i32.load8_u (i32.load8_u (local.get $i))) (i32.const 16))))
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (br $back)))
    (local.set $word (i32.load (i32.sub (local.get $i) (i32.const 3))))
    (if (i32.eq (i32.and (local.get $word) (i32.const 0xff)) (i32.const 0x2d)) (then (return (i32.const 1))))
    (if (i32.eq (i32.and (local.get $word) (i32.const 0xff00)) (i32.const 0x2d00)) (then (return (i32.const 1))))
    (if (i32.eq (i32.and (local.get $word) (i32.const 0xff0000)) (i32.const 0x2d0000)) (then (return (i32.const 1))))
    (if (i32.eq (i32.shr_u (local.get $word) (i32.const 24)) (i32.const 0x2d)) (then (return (i32.const 1))))
    (local.set $word (i32.or (i32.shr_u (local.get $word) (i32.const 8)) (i32.const 0x202020)))
    (i32.or (i32.or (i32.or (i32.eq (local.get $word) (i32.const 0x766e65)) (i32.eq (local.get $word) (i32.const 0x677261)))
        (i32.or (i32.eq (local.get $word) (i32.const 0x656e69)) (i32.eq (local.get $word) (i32.const 0x746573))))
      (i32.or (i32.eq (local.get $word) (i32.const 0x787465))
        (i32.or (i32.eq (local.get $word) (i32.const 0x74726f)) (i32.eq (local.get $word) (i32.const 0x657261))))))

  ;; The word around `at` that ends at `end` begins with `-`, stands behind a word that defines names or is as long as some
  ;; directive (flagValue of value-after.ts).
  (func $mayBeFlag (param $at i32) (param $end i32) (result i32)
    (local $i i32) (local $floor i32) (local $byte i32) (local $length i32)
    (local.set $floor (i32.sub (local.get $at) (i32.const 32)))
    (if (i32.lt_s (local.get $floor) (i32.const 65536)) (then (local.set $floor (i32.const 65536))))
    (local.set $i (local.get $at))
    (block $out (loop $back
      (br_if $out (i32.le_s (local.get $i) (local.get $floor)))
      (local.set $byte (i32.load8_u (i32.sub (local.get $i) (i32.const 1))))
      (br_if $out (i32.eq (local.get $byte) (i32.const 0x2e)))
      (br_if $out (i32.eqz (i32.and (i32.load8_u offset=1536 (local.get $byte)) (i32.const 2))))
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (br $back)))
    (if (i32.eq (i32.load8_u (local.get $i)) (i32.const 0x2d)) (then (return (i32.const 1))))
    (if (i32.gt_s (local.get $i) (i32.const 65536))
      (then (if (i32.and (i32.load8_u (i32.load8_u (i32.sub (local.get $i) (i32.const 1)))) (i32.const 16))
        (then (if (call $mayBeDefined (local.get $i)) (then (return (i32.const 1))))))))
    (local.set $length (i32.sub (local.get $end) (local.get $i)))
    (i32.or (i32.eq (local.get $length) (i32.const 6)) (i32.or (i32.eq (local.get $length) (i32.const 8))
      (i32.or (i32.eq (local.get $length) (i32.const 10)) (i32.eq (local.get $length) (i32.const 11))))))

  ;; Runs of twelve or more words in [from, end) that seem to be of seed phrases: start and stop of each
  ;; (findPhrases of phrase-finder.ts).
  (func $spans (export "spans") (param $from i32) (param $end i32) (result i32)
    (local $at i32) (local $floor i32) (local $out i32) (local $bits i32) (local $left i32) (local $right i32) (local $pair i32)
    (local $start i32) (local $stop i32) (local $i i32) (local $j i32) (local $words i32) (local $v v128)
    (local.set $at (local.get $from))
    (local.set $floor (local.get $from))
    (local.set $out (i32.const 1123328))
    (block $done (loop $next
      (br_if $done (i32.gt_u (i32.add (local.get $at) (i32.const 16)) (local.get $end)))
      (block $other
        ;; Of every 47 bytes in a row, sixteen begin at a multiple of 32; where they have no letter, the next sixteen have one.
        (br_if $other (call $otherBytes (local.get $at)))
        (local.set $v (v128.load (local.get $at)))
        (local.set $bits (i32.and
          (i8x16.bitmask (i8x16.lt_u
            (i8x16.sub (v128.or (local.get $v) (v128.const i8x16 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32)) (v128.const i8x16 97 97 97 97 97 97 97 97 97 97 97 97 97 97 97 97))
            (v128.const i8x16 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26)))
          (i32.xor (i32.const -1) (i32.shl
            (i8x16.bitmask (i8x16.eq (local.get $v) (v128.const i8x16 92 92 92 92 92 92 92 92 92 92 92 92 92 92 92 92)))
            (i32.const 1)))))
        (if (i32.gt_s (local.get $at) (local.get $from))
          (then (if (i32.eq (i32.load8_u (i32.sub (local.get $at) (i32.const 1))) (i32.const 0x5c))
            (then (local.set $bits (i32.and (local.get $bits) (i32.const 0xfffe)))))))
        (if (i32.eqz (local.get $bits))
          (then
            (local.set $at (i32.add (local.get $at) (i32.const 16)))
            (br $next)))
        ;; Words of one or two letters, or of nine. What touches the ends of the sixteen bytes may go on.
        (local.set $left (i32.or (i32.shl (local.get $bits) (i32.const 1)) (i32.const 1)))
        (local.set $right (i32.or (i32.shr_u (local.get $bits) (i32.const 1)) (i32.const 0x8000)))
        (br_if $other (i32.and (local.get $bits) (i32.xor (i32.const -1) (i32.or (local.get $left) (local.get $right)))))
        (local.set $pair (i32.and (local.get $bits) (i32.shr_u (local.get $bits) (i32.const 1))))
        (br_if $other (i32.and (local.get $pair) (i32.xor (i32.const -1)
          (i32.or (local.get $left) (i32.or (i32.shr_u (local.get $bits) (i32.const 2)) (i32.const 0xc000))))))
        (local.set $pair (i32.and (local.get $pair) (i32.shr_u (local.get $pair) (i32.const 2))))
        (local.set $pair (i32.and (local.get $pair) (i32.shr_u (local.get $pair) (i32.const 4))))
        (br_if $other (i32.and (local.get $pair) (i32.shr_u (local.get $bits) (i32.const 8))))
        ;; `camelCase`
        (local.set $pair (i8x16.bitmask (i8x16.lt_u (i8x16.sub (local.get $v) (v128.const i8x16 65 65 65 65 65 65 65 65 65 65 65 65 65 65 65 65))
          (v128.const i8x16 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26))))
        (br_if $other (i32.and (i32.and (local.get $pair) (local.get $bits))
          (i32.shl (i32.and (local.get $bits) (i32.xor (local.get $pair) (i32.const -1))) (i32.const 1))))
        ;; The first word that begins among the sixteen bytes, or else the one that goes on into them.
        (local.set $pair (i32.and (local.get $bits) (i32.xor (i32.const -1) (local.get $left))))
        (if (local.get $pair)
          (then
            (local.set $start (i32.add (local.get $at) (i32.ctz (local.get $pair))))
            (local.set $stop (i32.add (local.get $start)
              (i32.ctz (i32.xor (i32.const -1) (i32.shr_u (local.get $bits) (i32.ctz (local.get $pair)))))))
            (if (i32.eq (local.get $stop) (i32.add (local.get $at) (i32.const 16)))
              (then (local.set $stop (call $wordEnd (local.get $start) (local.get $end))))))
          (else
            (local.set $start (call $wordStart (i32.add (local.get $at) (i32.ctz (local.get $bits))) (local.get $floor)))
            (local.set $stop (call $wordEnd (local.get $start) (local.get $end)))))
        (br_if $other (i32.eqz (call $mayBeListed (local.get $start) (local.get $stop))))
        (local.set $words (i32.const 1))
        (block $last (loop $forward
          (local.set $i (call $nextWord (local.get $stop) (local.get $end)))
          (br_if $last (i32.lt_s (local.get $i) (i32.const 0)))
          (local.set $j (call $wordEnd (local.get $i) (local.get $end)))
          (br_if $last (i32.eqz (call $mayBeListed (local.get $i) (local.get $j))))
          (local.set $stop (local.get $j))
          (local.set $words (i32.add (local.get $words) (i32.const 1)))
          (br $forward)))
        (block $first (loop $back
          (local.set $i (call $wordBefore (local.get $start) (local.get $floor)))
          (br_if $first (i32.lt_s (local.get $i) (i32.const 0)))
          (local.set $j (call $wordStart (i32.sub (local.get $i) (i32.const 1)) (local.get $floor)))
          (br_if $first (i32.eqz (call $mayBeListed (local.get $j) (local.get $i))))
          (local.set $start (local.get $j))
          (local.set $words (i32.add (local.get $words) (i32.const 1)))
          (br $back)))
        (br_if $other (i32.lt_s (local.get $words) (i32.const 12)))
        (i32.store (local.get $out) (i32.sub (local.get $start) (i32.const 65536)))
        (i32.store offset=4 (local.get $out) (i32.sub (local.get $stop) (i32.const 65536)))
        (local.set $out (i32.add (local.get $out) (i32.const 8)))
        (local.set $floor (local.get $stop))
        (if (i32.ge_u (local.get $out) (i32.const 1253312))
          (then
            (i32.store (i32.const 2256) (local.get $stop))
            (return (i32.const 32496))))
        (local.set $at (i32.add (local.get $from)
          (i32.and (i32.add (i32.sub (local.get $stop) (local.get $from)) (i32.const 31)) (i32.const -32))))
        (br $next))
      (local.set $at (i32.add (local.get $from)
        (i32.add (i32.or (i32.sub (local.get $at) (local.get $from)) (i32.const 31)) (i32.const 1))))
      (br $next)))
    (i32.store (i32.const 2256) (local.get $end))
    (i32.shr_u (i32.sub (local.get $out) (i32.const 1123328)) (i32.const 2)))

  ;; A bit for each of sixteen bytes that is a letter.
  (func $letters (param $at i32) (result i32)
    (i8x16.bitmask (i8x16.lt_u
      (i8x16.sub (v128.or (v128.load (local.get $at)) (v128.const i8x16 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32)) (v128.const i8x16 97 97 97 97 97 97 97 97 97 97 97 97 97 97 97 97))
      (v128.const i8x16 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26))))

  ;; Start of the word around the letter at `at`; the letter after a backslash belongs to an escape.
  (func $wordStart (param $at i32) (param $floor i32) (result i32)
    (local.set $at (i32.sub (local.get $at) (i32.clz (i32.or (i32.const 0x400000)
      (i32.xor (i32.const -1) (i32.shl (call $letters (i32.sub (local.get $at) (i32.const 16))) (i32.const 16)))))))
    (if (i32.lt_s (local.get $at) (local.get $floor)) (then (local.set $at (local.get $floor))))
    (if (i32.gt_s (local.get $at) (local.get $floor))
      (then (if (i32.eq (i32.load8_u (i32.sub (local.get $at) (i32.const 1))) (i32.const 0x5c))
        (then (return (i32.add (local.get $at) (i32.const 1)))))))
    (local.get $at))

  ;; End of the word that begins at `start`, nine letters at most.
  (func $wordEnd (param $start i32) (param $end i32) (result i32)
    (local.set $start (i32.add (local.get $start)
      (i32.ctz (i32.or (i32.const 0x200) (i32.xor (i32.const -1) (call $letters (local.get $start)))))))
    (select (local.get $end) (local.get $start) (i32.gt_s (local.get $start) (local.get $end))))

  ;; Start of the word after the one that ends at `stop`, -1 when there is none near.
  (func $nextWord (param $stop i32) (param $end i32) (result i32)
    (local $i i32) (local $letters i32) (local $others i32)
    (local.set $i (local.get $stop))
    (if (i32.gt_s (local.get $end) (i32.add (local.get $stop) (i32.const 32)))
      (then (local.set $end (i32.add (local.get $stop) (i32.const 32)))))
    (block $none (loop $forward
      (br_if $none (i32.ge_s (local.get $i) (local.get $end)))
      (local.set $letters (call $letters (local.get $i)))
      (local.set $others (call $otherBytes (local.get $i)))
      (if (i32.eqz (local.get $letters))
        (then
          (br_if $none (local.get $others))
          (local.set $i (i32.add (local.get $i) (i32.const 16)))
          (br $forward)))
      (local.set $letters (i32.ctz (local.get $letters)))
      (br_if $none (i32.and (local.get $others) (i32.sub (i32.shl (i32.const 1) (local.get $letters)) (i32.const 1))))
      (local.set $i (i32.add (local.get $i) (local.get $letters)))
      (br_if $none (i32.ge_s (local.get $i) (local.get $end)))
      (if (i32.ne (i32.load8_u (i32.sub (local.get $i) (i32.const 1))) (i32.const 0x5c)) (then (return (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $forward)))
    (i32.const -1))

  ;; End of the word before the one that begins at `start`, -1 when there is none near.
  (func $wordBefore (param $start i32) (param $floor i32) (result i32)
    (local $i i32) (local $letters i32) (local $others i32) (local $limit i32)
    (local.set $i (local.get $start))
    (local.set $limit (i32.sub (local.get $start) (i32.const 32)))
    (if (i32.lt_s (local.get $limit) (local.get $floor)) (then (local.set $limit (local.get $floor))))
    (block $none (loop $back
      (br_if $none (i32.le_s (local.get $i) (local.get $limit)))
      (local.set $letters (call $letters (i32.sub (local.get $i) (i32.const 16))))
      (local.set $others (call $otherBytes (i32.sub (local.get $i) (i32.const 16))))
      (if (i32.eqz (local.get $letters))
        (then
          (br_if $none (local.get $others))
          (local.set $i (i32.sub (local.get $i) (i32.const 16)))
          (br $back)))
      (local.set $letters (i32.sub (i32.const 31) (i32.clz (local.get $letters))))
      (br_if $none (i32.shr_u (local.get $others) (local.get $letters)))
      (local.set $i (i32.add (i32.sub (local.get $i) (i32.const 16)) (local.get $letters)))
      (br_if $none (i32.lt_s (local.get $i) (local.get $limit)))
      (if (i32.eq (local.get $i) (local.get $floor)) (then (return (i32.add (local.get $i) (i32.const 1)))))
      (if (i32.ne (i32.load8_u (i32.sub (local.get $i) (i32.const 1))) (i32.const 0x5c)) (then (return (i32.add (local.get $i) (i32.const 1)))))
      (br $back)))
    (i32.const -1))

  ;; Three to eight letters whose hash is that of a word of the list.
  (func $mayBeListed (param $start i32) (param $stop i32) (result i32)
    (local $length i32) (local $key i32)
    (local.set $length (i32.sub (local.get $stop) (local.get $start)))
    (if (i32.gt_u (i32.sub (local.get $length) (i32.const 3)) (i32.const 5)) (then (return (i32.const 0))))
    (if (i32.gt_s (local.get $length) (i32.const 4))
      (then
        (local.set $key (i32.mul (i32.const 0x85ebca6b) (i32.and (i32.const 0x1f1f1f1f)
          (i32.and (i32.load offset=4 (local.get $start))
            (i32.shr_u (i32.const -1) (i32.shl (i32.sub (i32.const 8) (local.get $length)) (i32.const 3)))))))
        (local.set $length (i32.const 4))))
    (local.set $key (i32.xor (local.get $key) (i32.mul (i32.const 0x9e3779b1) (i32.and (i32.const 0x1f1f1f1f)
      (i32.and (i32.load (local.get $start))
        (i32.shr_u (i32.const -1) (i32.shl (i32.sub (i32.const 4) (local.get $length)) (i32.const 3))))))))
    (local.set $key (i32.shr_u (local.get $key) (i32.const 16)))
    (i32.and (i32.const 1) (i32.shr_u (i32.load8_u offset=1115136 (i32.shr_u (local.get $key) (i32.const 3)))
      (i32.and (local.get $key) (i32.const 7)))))

  ;; A bit for each of sixteen bytes that stands in no phrase.
  (func $otherBytes (param $at i32) (result i32)
    (local $v v128)
    (local.set $v (v128.load (local.get $at)))
    (i8x16.bitmask (i8x16.eq (v128.const i8x16 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0)
      (v128.and
        (i8x16.swizzle (v128.load offset=2176 (i32.const 0)) (v128.and (local.get $v) (v128.const i8x16 15 15 15 15 15 15 15 15 15 15 15 15 15 15 15 15)))
        (i8x16.swizzle (v128.load offset=2192 (i32.const 0)) (i8x16.shr_u (local.get $v) (i32.const 4)))))))

  ;; Address of the first zero in [from, end), -1 for none.
  (func $zero (export "zero") (param $from i32) (param $end i32) (result i32)
    (local $bits i32)
    (loop $next
      (if (i32.ge_u (local.get $from) (local.get $end)) (then (return (i32.const -1))))
      (local.set $bits (i8x16.bitmask (i8x16.eq (v128.load (local.get $from)) (v128.const i8x16 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0))))
      (if (i32.eqz (local.get $bits))
        (then
          (local.set $from (i32.add (local.get $from) (i32.const 16)))
          (br $next))))
    (local.set $from (i32.add (local.get $from) (i32.ctz (local.get $bits))))
    (if (i32.ge_u (local.get $from) (local.get $end)) (then (return (i32.const -1))))
    (local.get $from))

  ;; Number of line feeds in [from, end); the address of the last one (-1 for none) stands where finders say how to go on.
  (func $lines (export "lines") (param $from i32) (param $end i32) (result i32)
    (local $bits i32) (local $count i32) (local $last i32)
    (local.set $last (i32.const -1))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
      (local.set $bits (i8x16.bitmask (i8x16.eq (v128.load (local.get $from)) (v128.const i8x16 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10))))
      (if (i32.gt_u (i32.add (local.get $from) (i32.const 16)) (local.get $end))
        (then (local.set $bits (i32.and (local.get $bits)
          (i32.xor (i32.shl (i32.const -1) (i32.sub (local.get $end) (local.get $from))) (i32.const -1))))))
      (local.set $count (i32.add (local.get $count) (i32.popcnt (local.get $bits))))
      (local.set $last (select
        (i32.add (local.get $from) (i32.sub (i32.const 31) (i32.clz (local.get $bits))))
        (local.get $last)
        (local.get $bits)))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (br $next)))
    (i32.store (i32.const 2256) (local.get $last))
    (local.get $count))

  ;; Offset and number of every needle in [from, end): three of its bytes are looked for in sixteen places at a time, then the
  ;; whole of it is compared. With a text behind, only where the nearest of its last byte before the needle ends that text, in
  ;; the same word and not more than 256 bytes away. `floor` is where the text begins. Returns the number of words.
  (func $needles (export "needles") (param $floor i32) (param $from i32) (param $end i32) (result i32)
    (local $at i32) (local $bits i32) (local $k i32) (local $word i32) (local $slot i32) (local $start i32) (local $length i32)
    (local $out i32) (local $a v128) (local $b v128) (local $c v128) (local $low v128)
    (local.set $low (v128.const i8x16 15 15 15 15 15 15 15 15 15 15 15 15 15 15 15 15))
    (local.set $at (local.get $from))
    (local.set $out (i32.const 1123328))
    (block $done (loop $next
      (br_if $done (i32.ge_s (local.get $at) (local.get $end)))
      (local.set $a (v128.load (local.get $at)))
      (local.set $b (v128.load offset=1 (local.get $at)))
      (local.set $c (v128.load offset=2 (local.get $at)))
      (local.set $a (v128.and
        (v128.and
          (v128.and
            (i8x16.swizzle (v128.load offset=1114592 (i32.const 0)) (v128.and (local.get $a) (local.get $low)))
            (i8x16.swizzle (v128.load offset=1114608 (i32.const 0)) (i8x16.shr_u (local.get $a) (i32.const 4))))
          (v128.and
            (i8x16.swizzle (v128.load offset=1114624 (i32.const 0)) (v128.and (local.get $b) (local.get $low)))
            (i8x16.swizzle (v128.load offset=1114640 (i32.const 0)) (i8x16.shr_u (local.get $b) (i32.const 4)))))
        (v128.and
          (i8x16.swizzle (v128.load offset=1114656 (i32.const 0)) (v128.and (local.get $c) (local.get $low)))
          (i8x16.swizzle (v128.load offset=1114672 (i32.const 0)) (i8x16.shr_u (local.get $c) (i32.const 4))))))
      (if (v128.any_true (local.get $a))
        (then
          (v128.store offset=2240 (i32.const 0) (local.get $a))
          (local.set $bits (i32.xor (i32.const 0xffff) (i8x16.bitmask (i8x16.eq (local.get $a) (v128.const i8x16 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0)))))
          (block $none (loop $each
            (br_if $none (i32.eqz (local.get $bits)))
            (local.set $k (i32.ctz (local.get $bits)))
            (local.set $bits (i32.and (local.get $bits) (i32.sub (local.get $bits) (i32.const 1))))
            (local.set $word (i32.load8_u offset=2240 (local.get $k)))
            (block $tried (loop $slots
              (br_if $tried (i32.eqz (local.get $word)))
              (local.set $slot (i32.ctz (local.get $word)))
              (local.set $word (i32.and (local.get $word) (i32.sub (local.get $word) (i32.const 1))))
              (local.set $start (i32.sub (i32.add (local.get $at) (local.get $k)) (i32.load8_u offset=1114560 (local.get $slot))))
              (local.set $length (i32.load8_u offset=1114568 (local.get $slot)))
              (br_if $slots (i32.lt_s (local.get $start) (local.get $floor)))
              (br_if $slots (i32.gt_s (i32.add (local.get $start) (local.get $length)) (local.get $end)))
              (br_if $slots (i32.eqz (call $isSame (local.get $start) (i32.add (i32.const 1114368) (i32.shl (local.get $slot) (i32.const 4))) (local.get $length))))
              (local.set $length (i32.load8_u offset=1114576 (local.get $slot)))
              (if (local.get $length) (then (br_if $slots (i32.eqz
                (call $isBehind (local.get $start) (i32.add (i32.const 1114496) (i32.shl (local.get $slot) (i32.const 3))) (local.get $length))))))
              (i32.store (local.get $out) (i32.sub (local.get $start) (i32.const 65536)))
              (i32.store offset=4 (local.get $out) (local.get $slot))
              (local.set $out (i32.add (local.get $out) (i32.const 8)))
              (br $slots)))
            ;; Room for one of each needle must be left.
            (if (i32.ge_u (local.get $out) (i32.const 1253248))
              (then
                (i32.store (i32.const 2256) (i32.add (i32.add (local.get $at) (local.get $k)) (i32.const 1)))
                (return (i32.shr_u (i32.sub (local.get $out) (i32.const 1123328)) (i32.const 2)))))
            (br $each)))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br $next)))
    (i32.store (i32.const 2256) (local.get $end))
    (i32.shr_u (i32.sub (local.get $out) (i32.const 1123328)) (i32.const 2)))

  (func $isSame (param $a i32) (param $b i32) (param $length i32) (result i32)
    (block $differs
      (loop $next
        (if (i32.eqz (local.get $length)) (then (return (i32.const 1))))
        (br_if $differs (i32.ne (i32.load8_u (local.get $a)) (i32.load8_u (local.get $b))))
        (local.set $a (i32.add (local.get $a) (i32.const 1)))
        (local.set $b (i32.add (local.get $b) (i32.const 1)))
        (local.set $length (i32.sub (local.get $length) (i32.const 1)))
        (br $next)))
    (i32.const 0))

  (func $isBehind (param $at i32) (param $text i32) (param $length i32) (result i32)
    (local $i i32) (local $floor i32) (local $byte i32) (local $wanted i32)
    (local.set $wanted (i32.load8_u (i32.sub (i32.add (local.get $text) (local.get $length)) (i32.const 1))))
    (local.set $floor (i32.sub (local.get $at) (i32.const 256)))
    (if (i32.lt_s (local.get $floor) (i32.const 65536)) (then (local.set $floor (i32.const 65536))))
    (local.set $i (i32.sub (local.get $at) (i32.const 1)))
    (block $out (loop $back
      (br_if $out (i32.lt_s (local.get $i) (local.get $floor)))
      (local.set $byte (i32.load8_u (local.get $i)))
      (if (i32.eq (local.get $byte) (local.get $wanted))
        (then
          (local.set $i (i32.add (i32.sub (local.get $i) (local.get $length)) (i32.const 1)))
          (br_if $out (i32.lt_s (local.get $i) (i32.const 65536)))
          (return (call $isSame (local.get $i) (local.get $text) (local.get $length)))))
      (br_if $out (i32.and (i32.load8_u offset=1536 (local.get $byte)) (i32.const 32)))
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (br $back)))
    (i32.const 0)))
