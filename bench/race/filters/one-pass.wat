;; The no-op plus what no filter that must read a body can leave out: it holds the request until the body is whole, has it
;; copied in once, and looks at every byte once (it counts quotes, and leaves the count where nobody reads it).
(module
  (import "env" "proxy_get_buffer_bytes" (func $get_buffer (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (global $quotes (mut i32) (i32.const 0))
  ;; One place for all bodies: each is read before the next one comes.
  (global $start i32 (i32.const 1024))
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "proxy_on_memory_allocate") (param $size i32) (result i32)
    (local $missing i32)
    (local.set $missing (i32.sub (i32.add (global.get $start) (local.get $size)) (i32.shl (memory.size) (i32.const 16))))
    (if (i32.gt_s (local.get $missing) (i32.const 0))
      (then (drop (memory.grow (i32.add (i32.shr_u (local.get $missing) (i32.const 16)) (i32.const 1))))))
    (global.get $start))
  (func (export "proxy_on_vm_start") (param i32 i32) (result i32) (i32.const 1))
  (func (export "proxy_on_configure") (param i32 i32) (result i32) (i32.const 1))
  (func (export "proxy_on_context_create") (param i32 i32))
  ;; 1: stop iteration; with a body the headers wait for it.
  (func (export "proxy_on_request_headers") (param i32 i32) (param $end i32) (result i32) (i32.eqz (local.get $end)))
  (func (export "proxy_on_request_body") (param i32) (param $size i32) (param $end i32) (result i32)
    (local $at i32) (local $limit i32) (local $quotes i32)
    (if (i32.eqz (local.get $end)) (then (return (i32.const 1))))
    ;; Address and size come to the words at 16 and 20.
    (if (call $get_buffer (i32.const 0) (i32.const 0) (local.get $size) (i32.const 16) (i32.const 20)) (then (return (i32.const 0))))
    (local.set $at (i32.load (i32.const 16)))
    (local.set $limit (i32.add (local.get $at) (i32.load (i32.const 20))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $limit)))
        (local.set $quotes (i32.add (local.get $quotes) (i32.eq (i32.load8_u (local.get $at)) (i32.const 34))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (global.set $quotes (i32.add (global.get $quotes) (local.get $quotes)))
    (i32.const 0))
  (func (export "quotes") (result i32) (global.get $quotes))
  (func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32) (i32.const 0))
  (func (export "proxy_on_response_body") (param i32 i32 i32) (result i32) (i32.const 0))
  (func (export "proxy_on_done") (param i32) (result i32) (i32.const 1))
  (func (export "proxy_on_log") (param i32))
  (func (export "proxy_on_delete") (param i32)))
