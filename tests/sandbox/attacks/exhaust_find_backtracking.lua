-- expect: luaTimeout
return (("a"):rep(40)):find((".-"):rep(40) .. "b")
