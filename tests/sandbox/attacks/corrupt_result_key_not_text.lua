-- expect: luaResultUnsupported key of a table is not UTF-8
return { ["\255"] = 1 }
