-- expect: luaError resulting string too large
return #("x"):rep(math.maxinteger)
