-- expect: luaError ^x{1000}
error(("x"):rep(20 << 20), 0)
