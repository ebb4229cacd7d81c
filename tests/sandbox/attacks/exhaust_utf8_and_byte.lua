-- expect: luaError string slice too long
return (("x"):rep(20 << 20)):byte(1, -1)
