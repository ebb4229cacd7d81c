-- expect: luaTimeout
return #table.move({}, 1, 2 ^ 50, 2)
