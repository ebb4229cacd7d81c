-- expect: luaMemoryExceeded
return #("x"):rep(1 << 30)
