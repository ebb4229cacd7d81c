-- expect: luaMemoryExceeded
return #string.pack("!1" .. ("s4"):rep(1), ("x"):rep(60 << 20))
