-- expect: luaResultUnsupported bytes
return ("x"):rep(30 << 20)
