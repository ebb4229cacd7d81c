-- expect: luaResultUnsupported two keys of a table are both 1
return { [1] = "number", ["1"] = "text", x = 1 }
