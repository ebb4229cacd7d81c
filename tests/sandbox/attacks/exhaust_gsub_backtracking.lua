-- expect: luaTimeout
return (("a"):rep(30000)):gsub(("a*"):rep(8) .. "b", "")
